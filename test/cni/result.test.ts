import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseResult, resultAs, type AddResult } from '../../src/cni/result.ts';
import { KNOWN_VERSIONS } from '../../src/kubernetes/cni/version.ts';

function parse(result: unknown, chainVersion = '1.0.0'): AddResult {
  const parsed = parseResult(JSON.stringify(result), chainVersion);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.value;
}

const route = { gw: null, mtu: null, advmss: null, priority: null, table: null, scope: null };
const NO_DNS = { nameservers: [], domain: null, search: [], options: [] };

test.each(['0.1.0', '0.2.0'])('%s: an address of each family, with routes of its own', (cniVersion) => {
  const raw = {
    cniVersion,
    ip4: {
      ip: '10.1.0.5/24',
      gateway: '10.1.0.1',
      routes: [{ dst: '0.0.0.0/0' }, { dst: '10.9.0.0/16', gw: '10.1.0.9' }],
    },
    ip6: { ip: 'fd00::5/64' },
    dns: { nameservers: ['10.1.0.2'], domain: 'x' },
  };
  expect(parse(raw)).toEqual({
    raw,
    normal: {
      interfaces: [],
      ips: [
        { address: '10.1.0.5/24', gateway: '10.1.0.1', interface: null },
        { address: 'fd00::5/64', gateway: null, interface: null },
      ],
      routes: [
        { ...route, dst: '0.0.0.0/0' },
        { ...route, dst: '10.9.0.0/16', gw: '10.1.0.9' },
      ],
      dns: { nameservers: ['10.1.0.2'], domain: 'x', search: [], options: [] },
    },
  });
});

test.each(['0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'])(
  '%s: interfaces, and addresses that point at them',
  (cniVersion) => {
    const family = cniVersion.startsWith('0.') ? { version: '4' } : {};
    const result = parse({
      cniVersion,
      interfaces: [
        { name: 'cni0', mac: '', mtu: 0 },
        { name: 'eth0', mac: '02:00:00:00:00:01', sandbox: '/run/netns/x' },
      ],
      ips: [{ ...family, address: '10.1.0.5/24', gateway: null, interface: 1 }],
      routes: null,
    });
    expect(result.normal).toEqual({
      interfaces: [
        { name: 'cni0', mac: null, sandbox: null, mtu: null },
        { name: 'eth0', mac: '02:00:00:00:00:01', sandbox: '/run/netns/x', mtu: null },
      ],
      ips: [{ address: '10.1.0.5/24', gateway: null, interface: 1 }],
      routes: [],
      dns: NO_DNS,
    });
  },
);

test('1.1.0: MTU, and routes in full', () => {
  const { normal } = parse({
    cniVersion: '1.1.0',
    interfaces: [{ name: 'eth0', mtu: 1450, socketPath: '/x', pciID: 'y' }],
    routes: [{ dst: '10.0.0.0/8', mtu: 1400, advmss: 1360, priority: 5, table: 0, scope: 253 }],
  });
  expect(normal.interfaces).toEqual([{ name: 'eth0', mac: null, sandbox: null, mtu: 1450 }]);
  expect(normal.routes).toEqual([
    { dst: '10.0.0.0/8', gw: null, mtu: 1400, advmss: 1360, priority: 5, table: 0, scope: 253 },
  ]);
});

const ips = (...addresses: unknown[]) => ({ ips: addresses });
test.each([
  [ips({ address: '10.0.0.5' }), 'ips.0.address'],
  [ips({ address: '10.0.0.5/33' }), 'ips.0.address'],
  [ips({ address: '10.0.0.5/24', gateway: 'gw' }), 'ips.0.gateway'],
  [ips({ gateway: '10.0.0.1' }), 'ips.0.address'],
  [ips({ address: '10.0.0.5/24', interface: 0.5 }), 'ips.0.interface'],
  [{ interfaces: [{}] }, 'interfaces.0.name'],
  [{ routes: [{ dst: 'default' }] }, 'routes.0.dst'],
  [{ cniVersion: '0.2.0', ip4: { ip: 'x' } }, 'ip4.ip'],
  [{ interfaces: Array.from({ length: 2000 }, () => ({ name: 'x' })) }, 'interfaces'],
])('%j is no result', (result, where) => {
  expect(parseResult(JSON.stringify(result), '1.0.0')).toEqual({ problem: expect.stringContaining(`"${where}"`) });
});

test('whatever a plugin prints is a result or a problem, and a result is one again when it is printed', () => {
  const version = fc.constantFrom(...KNOWN_VERSIONS, '', '9.9.9');
  const near = fc.record(
    {
      cniVersion: version,
      interfaces: fc.oneof(fc.array(fc.record({ name: fc.string(), sandbox: fc.string() })), fc.json()),
      ips: fc.oneof(
        fc.array(fc.record({ address: fc.constantFrom('10.0.0.1/8', 'fd00::1/64', '1/2'), interface: fc.integer() })),
        fc.json(),
      ),
      ip4: fc.oneof(fc.record({ ip: fc.constantFrom('10.0.0.1/8', '') }), fc.anything()),
      routes: fc.oneof(fc.array(fc.record({ dst: fc.constant('::/0'), scope: fc.integer() })), fc.anything()),
      dns: fc.oneof(fc.record({ nameservers: fc.array(fc.string()) }), fc.anything()),
    },
    { requiredKeys: [] },
  );
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    near.map((result) => JSON.stringify(result, (_, value: unknown) => (typeof value === 'bigint' ? 1 : value))),
  );
  fc.assert(
    fc.property(text, fc.constantFrom(...KNOWN_VERSIONS), (printed, chainVersion) => {
      const parsed = parseResult(printed, chainVersion);
      if ('problem' in parsed) return;
      expect(parseResult(JSON.stringify(parsed.value.raw), '0.1.0')).toEqual({
        value: { ...parsed.value, raw: JSON.parse(JSON.stringify(parsed.value.raw)) as unknown },
      });
    }),
    { numRuns: 500 },
  );
});

test('a result in another version says the same', () => {
  const text = () => fc.option(fc.stringMatching(/^[a-z]{1,8}$/));
  const number = () => fc.option(fc.integer({ min: 1, max: 1e6 }));
  const normal = fc.record({
    interfaces: fc.array(fc.record({ name: fc.string(), mac: text(), sandbox: text(), mtu: number() })),
    ips: fc.array(
      fc.record({
        address: fc.constantFrom('10.0.0.1/8', 'fd00::1/64'),
        gateway: fc.constantFrom(null, '10.0.0.9'),
        interface: fc.option(fc.nat()),
      }),
    ),
    routes: fc.array(
      fc.record({
        dst: fc.constantFrom('0.0.0.0/0', '::/0'),
        gw: fc.constantFrom(null, 'fd00::1'),
        mtu: number(),
        advmss: number(),
        priority: number(),
        table: number(),
        scope: fc.option(fc.nat()),
      }),
    ),
    dns: fc.record({
      nameservers: fc.array(fc.string()),
      domain: text(),
      search: fc.array(fc.string()),
      options: fc.array(fc.string()),
    }),
  });
  fc.assert(
    fc.property(normal, fc.constantFrom('0.4.0', '1.0.0', '1.1.0'), (said, version) => {
      const raw = resultAs({ normal: said, raw: { cniVersion: '0.2.0' } }, version);
      expect(raw.cniVersion).toBe(version);
      expect(parse(raw).normal).toEqual(said);
      expect(resultAs({ normal: said, raw }, version)).toBe(raw);
    }),
  );
  expect(resultAs(parse({ cniVersion: '0.2.0', ip6: { ip: 'fd00::5/64' } }), '0.4.0')).toMatchObject({
    ips: [{ version: '6', address: 'fd00::5/64' }],
  });
});
