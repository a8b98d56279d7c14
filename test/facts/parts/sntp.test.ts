import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseSntp, sntpRequest } from '../../../src/facts/parts/sntp.ts';

/** As an NTP daemon answers our query. */
function reply({ leap = 0, mode = 4, stratum = 3, length = 48, cookie = true }): Buffer {
  const bytes = Buffer.alloc(48);
  bytes.writeUInt8((leap << 6) | (4 << 3) | mode, 0);
  bytes.writeUInt8(stratum, 1);
  if (cookie) sntpRequest().copy(bytes, 24, 40, 48);
  return bytes.subarray(0, length);
}

test('the query is that of a client of version 4', () => {
  expect(sntpRequest()).toHaveLength(48);
  expect(sntpRequest().readUInt8(0)).toBe(0x23);
});

test('synchronised', () => {
  expect(parseSntp(reply({ stratum: 2 }))).toEqual({ synchronised: true, stratum: 2 });
});

test('not synchronised: by the leap indicator, and by the stratum', () => {
  expect(parseSntp(reply({ leap: 3, stratum: 0 }))).toEqual({ synchronised: false, stratum: 0 });
  expect(parseSntp(reply({ stratum: 16 }))).toEqual({ synchronised: false, stratum: 16 });
});

test.each([{ stratum: 0 }, { mode: 3 }, { length: 47 }, { length: 0 }, { cookie: false }])(
  'no answer: %o',
  (differs) => {
    expect(parseSntp(reply(differs))).toBeNull();
  },
);

test('any datagram is read without an error', () => {
  const answer = reply({});
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24 }), fc.boolean(), (bytes, ours) => {
      const found = parseSntp(
        Buffer.concat([Buffer.from(bytes), ours ? answer.subarray(bytes.length) : Buffer.alloc(0)]),
      );
      expect(found === null || found.stratum >= 0).toBe(true);
    }),
  );
});
