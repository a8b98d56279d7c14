import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeEcho, decodeRequest, encodeEcho, encodeRequest } from '../../src/probes/datagram.ts';
import { dress, undress } from '../../src/probes/encapsulation.ts';
import { parseDrops } from '../../src/probes/own-drops.ts';
import { twoMembers } from './members.ts';

const { sender, receiver, received } = twoMembers();
const bytes = () => fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
const port = () => fc.integer({ min: 1, max: 65_535 });
const number = () => fc.nat({ max: 2 ** 32 - 1 });
const form = () => fc.constantFrom('plain', 'like-dressed', 'sized');

test('what was encoded is decoded, at any size', () => {
  fc.assert(
    fc.property(port(), form(), number(), fc.integer({ min: 0, max: 9_000 }), (port, form, number, size) => {
      const request = encodeRequest(sender, 'b', port, { form, number }, size);
      expect(request).toHaveLength(Math.max(size, 64));
      expect(decodeRequest(receiver, port, request)).toEqual({ run: received, from: 0, forUs: true, form, number });
      for (const other of ['a', 'c'])
        expect(decodeRequest(receiver, port, encodeRequest(sender, other, port, { form, number }, size))?.forUs).toBe(
          false,
        );
      const echo = encodeEcho({ run: received, from: 0, form, number }, port);
      expect(decodeEcho(sender, port, echo)).toEqual({ form, number, by: 'b' });
      expect(decodeEcho(sender, (port % 65_535) + 1, echo)).toBeNull();
      expect(decodeEcho({ ...sender, self: 1 }, port, echo)).toBeNull();
    }),
  );
});

test('any bytes are refused, and any byte that is changed', () => {
  fc.assert(
    fc.property(bytes(), (datagram) => {
      expect(decodeRequest(receiver, 8_472, datagram)).toBeNull();
      expect(decodeEcho(sender, 8_472, datagram)).toBeNull();
      expect(decodeRequest(receiver, 8_472, dress('vxlan', datagram))).toBeNull();
      expect(decodeRequest(receiver, 8_472, Buffer.concat([sender.id, datagram]))).toBeNull();
    }),
  );
  const request = encodeRequest(sender, 'b', 8_472, { form: 'plain', number: 1 }, 64);
  const echo = encodeEcho({ run: received, from: 0, form: 'plain', number: 1 }, 8_472);
  fc.assert(
    fc.property(fc.nat({ max: 33 }), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const changed = (whole: Buffer) => {
        const copy = Buffer.from(whole);
        copy.writeUInt8(copy.readUInt8(at) ^ by, at);
        return copy;
      };
      expect(decodeRequest(receiver, 8_472, changed(request))).toBeNull();
      expect(decodeEcho(sender, 8_472, changed(echo))).toBeNull();
    }),
  );
});

test('VXLAN and Geneve as their RFCs have them', () => {
  const payload = Buffer.from('payload');
  const inside = '02000000000202000000000188b5' + payload.toString('hex');
  expect(dress('vxlan', payload).toString('hex')).toBe('08000000fffffe00' + inside);
  expect(dress('geneve', payload).toString('hex')).toBe('00006558fffffe00' + inside);
});

test('undressing takes off what dressing put on, and nothing else', () => {
  fc.assert(
    fc.property(bytes(), fc.constantFrom('vxlan', 'geneve'), (payload, kind) => {
      expect(undress(dress(kind, payload))).toEqual(payload);
      const cut = dress(kind, payload).subarray(0, 21);
      expect(undress(cut)).toBeNull();
    }),
  );
  fc.assert(fc.property(bytes(), (datagram) => undress(datagram) === null));
});

test('drops of our own ports are summed, and of no other', () => {
  const table = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 8878: 0100007F:BF7B 00000000:0000 07 00000000:00034000 00:00000000 00000000     0        0 2914114 2 00000000d9756959 1744
13597: 00000000000000000000000001000000:D1EA 00000000000000000000000000000000:BF7B 01 00000000:00000000 00:00000000 00000000     0        0 2914115 2 0000000053e76fcc 6  `;
  expect(parseDrops(table, new Set([0xbf_7b, 0xd1_ea]))).toBe(1_750);
  expect(parseDrops(table, new Set([0xd1_ea]))).toBe(6);
  expect(parseDrops(table, new Set([1]))).toBe(0);
  fc.assert(fc.property(fc.string(), (text) => parseDrops(text, new Set([1])) >= 0));
});
