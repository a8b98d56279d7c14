import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressMap } from '../../../src/evidence/redaction/addresses.ts';
import { contains, formatCidr, network, overlaps, parseCidr } from '../../../src/values/cidr.ts';
import {
  formatIp,
  isGlobalUnicast,
  isLinkLocal,
  isLoopback,
  isWildcard,
  parseIp,
  WIDTH,
  type Ip,
} from '../../../src/values/ip.ts';

const anIp = (): fc.Arbitrary<Ip> =>
  fc.oneof(
    fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }).map((bits): Ip => ({ family: 4, bits })),
    fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map((bits): Ip => ({ family: 6, bits })),
    fc
      .constantFrom(
        '10.0.0.1',
        '192.168.1.7',
        '172.16.9.9',
        '100.64.0.9',
        '127.0.0.1',
        '169.254.1.1',
        'fe80::1',
        'fd00::9',
        '2001:db8::1',
        '::1',
        '::',
        '64:ff9b::1',
      )
      .map((text) => parseIp(text)!),
  );

const prefixOf = (ip: Ip) => fc.integer({ min: 0, max: WIDTH[ip.family] });
const mapped = (map: ReturnType<typeof addressMap>, text: string) => map(text)!.text;

test('what is inside a network stays inside it, what is outside stays outside, and its length stays', () => {
  fc.assert(
    fc.property(
      anIp().chain((ip) =>
        fc.record({ ip: fc.constant(ip), prefix: prefixOf(ip), low: fc.bigInt({ min: 0n, max: 2n ** 128n }) }),
      ),
      anIp(),
      ({ ip, prefix, low }, other) => {
        const map = addressMap(randomBytes(32));
        const cidr = network(ip, prefix);
        const host = BigInt(WIDTH[ip.family] - prefix);
        const near: Ip = { family: ip.family, bits: cidr.base | (low & ((1n << host) - 1n)) };
        const after = parseCidr(mapped(map, formatCidr(cidr)))!;
        expect(after.prefix).toBe(prefix);
        for (const each of [ip, near, other])
          expect(contains(after, parseIp(mapped(map, formatIp(each)))!)).toBe(contains(cidr, each));
        const wider = network(other, Math.min(prefix, WIDTH[other.family]));
        expect(overlaps(after, parseCidr(mapped(map, formatCidr(wider)))!)).toBe(overlaps(cidr, wider));
      },
    ),
  );
});

test('the kind of an address stays, and no two become one', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(anIp(), { selector: ({ family, bits }) => `${family} ${bits}`, maxLength: 20 }),
      (all) => {
        const map = addressMap(randomBytes(32));
        const after = all.map((ip) => parseIp(mapped(map, formatIp(ip)))!);
        expect(new Set(after.map(formatIp)).size).toBe(new Set(all.map(formatIp)).size);
        for (const kind of [isGlobalUnicast, isLinkLocal, isLoopback, isWildcard])
          expect(after.map(kind)).toEqual(all.map(kind));
      },
    ),
  );
});

test('what lies in the default network of Services stays in it, and nothing else comes there', () => {
  const services = parseCidr('10.96.0.0/12')!;
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 24n - 1n }), (low) => {
      const ip: Ip = { family: 4, bits: (10n << 24n) | low };
      const after = parseIp(mapped(addressMap(randomBytes(32)), formatIp(ip)))!;
      expect(contains(services, after)).toBe(contains(services, ip));
    }),
  );
});

test('another key is another map', () => {
  const texts = ['10.1.2.3', 'fd00::1:2:3'];
  const [one, two] = [addressMap(randomBytes(32)), addressMap(randomBytes(32))];
  expect(texts.map((text) => mapped(one, text))).not.toEqual(texts.map((text) => mapped(two, text)));
});

test('an address with a prefix that is no network, a zone', () => {
  const map = addressMap(randomBytes(32));
  expect(mapped(map, '10.1.2.3/24')).toBe(`${mapped(map, '10.1.2.3')}/24`);
  expect(mapped(map, 'fe80::5%eth0')).toBe(`${mapped(map, 'fe80::5')}%eth0`);
  expect(mapped(map, '::ffff:10.1.2.3')).toBe(`::ffff:${mapped(map, '10.1.2.3')}`);
  expect(map('nonsense')).toBeNull();
  expect(map('10.0.0.1/33')).toBeNull();
});
