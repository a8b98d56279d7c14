import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTracking, trackingRequest } from '../../../src/facts/parts/chrony-tracking.ts';

/** As chronyd 4.3 answers, with the fields that count. */
function reply({ leap = 0, stratum = 3, status = 0, sequence = 0x73656177, length = 104 }): Buffer {
  const bytes = Buffer.alloc(104);
  bytes.writeUInt8(6, 0);
  bytes.writeUInt8(2, 1);
  bytes.writeUInt16BE(33, 4);
  bytes.writeUInt16BE(5, 6);
  bytes.writeUInt16BE(status, 8);
  bytes.writeUInt32BE(sequence, 16);
  bytes.writeUInt16BE(stratum, 52);
  bytes.writeUInt16BE(leap, 54);
  return bytes.subarray(0, length);
}

test('a request is as long as its reply', () => {
  const request = trackingRequest();
  expect(request).toHaveLength(104);
  expect(request.subarray(0, 12).toString('hex')).toBe('060100000021000073656177');
});

test('synchronised, with a leap second announced too', () => {
  expect(parseTracking(reply({ leap: 0, stratum: 3 }))).toEqual({ synchronised: true, stratum: 3 });
  expect(parseTracking(reply({ leap: 1 }))?.synchronised).toBe(true);
});

test('not synchronised', () => {
  expect(parseTracking(reply({ leap: 3, stratum: 0 }))).toEqual({ synchronised: false, stratum: 0 });
});

test.each([{ status: 2 }, { sequence: 1 }, { length: 103 }, { length: 0 }])('no answer: %o', (differs) => {
  expect(parseTracking(reply(differs))).toBeNull();
});

test('any datagram is read without an error', () => {
  const header = reply({}).subarray(0, 20);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, ours) => {
      const found = parseTracking(Buffer.concat([ours ? header : Buffer.alloc(0), bytes]));
      expect(found === null || found.stratum >= 0).toBe(true);
    }),
  );
});
