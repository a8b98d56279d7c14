import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { admit, type Grounds } from '../../../src/peers/local/admission.ts';
import { DEFAULTS } from '../../../src/plan/defaults.ts';
import { portsOf, type PortRange } from '../../../src/values/port-range.ts';

const grounds: Grounds = {
  asked: {},
  own: DEFAULTS,
  addresses: ['10.0.0.11', 'fd00::11', '127.0.0.1', '::1'],
  known: ['10.0.0.11'],
};

function told(protocol: 'tcp' | 'udp', ports: string, given: Partial<Grounds> = {}, address = '10.0.0.11') {
  const [first = 0, last = first] = ports.split('-').map(Number);
  return admit({ protocol, address, ports: { first, last } }, { ...grounds, ...given }).map((part) => [
    part.ports.first === part.ports.last ? `${part.ports.first}` : `${part.ports.first}-${part.ports.last}`,
    'kind' in part ? part.kind : part.refusal,
  ]);
}

const LOOPBACK = 'a component listens there on loopback, and no other node connects to it';
const LOW = 'below 1024 an API server gets 443 here, or the port that this machine itself was told (--api-server-port)';
const UNKNOWN = 'no component, network add-on or NodePort range of the plan uses this port';

test.each([6443, 2379, 2380, 10_250])('a component’s port that other nodes connect to: %d', (port) => {
  expect(told('tcp', String(port))).toEqual([[String(port), 'component']]);
  expect(told('udp', String(port))).toEqual([[String(port), UNKNOWN]]);
});

const ON_LOOPBACK = [2381, 10_248, 10_249, 10_257, 10_259];

test.each(ON_LOOPBACK)(
  'a component has %d on loopback alone: never opened, whatever the run or the plan calls it',
  (port) => {
    const whole = { first: 1024, last: 65_535 };
    for (const given of [
      {},
      { asked: { nodePortRange: whole } },
      { asked: { apiServerPort: port } },
      { own: { ...DEFAULTS, nodePortRange: whole, apiServerPort: port } },
    ])
      expect(told('tcp', String(port), given)).toEqual([[String(port), LOOPBACK]]);
  },
);

test('an API server below 1024: 443, or what this machine was told itself', () => {
  expect(told('tcp', '443', { asked: { apiServerPort: 443 } })).toEqual([['443', 'component']]);
  expect(told('tcp', '22', { asked: { apiServerPort: 22 } })).toEqual([['22', LOW]]);
  expect(told('udp', '22', { asked: { apiServerPort: 22 } })).toEqual([['22', UNKNOWN]]);
  const own = { ...DEFAULTS, apiServerPort: 444 };
  expect(told('tcp', '444', { own, asked: { apiServerPort: 444 } })).toEqual([['444', 'component']]);
  expect(told('tcp', '1024', { asked: { apiServerPort: 1024 } })).toEqual([['1024', 'component']]);
});

test.each([22, 80, 443, 9099, 10_251, 10_252, 10_256, 10_777, 29_999, 32_768])(
  'no other node connects to %d',
  (port) => {
    expect(told('tcp', String(port), { asked: { cni: 'calico-vxlan' } })).toEqual([[String(port), UNKNOWN]]);
  },
);

test('the port of the API server and the add-on, as either side says', () => {
  const own = { ...DEFAULTS, apiServerPort: 443, cni: 'flannel' };
  const given = { own, asked: { apiServerPort: 8443, cni: 'calico-bgp' } };
  for (const port of [443, 8443, 179]) expect(told('tcp', String(port), given)).toEqual([[String(port), 'component']]);
  expect(told('udp', '8472', given)).toEqual([['8472', 'component']]);
  expect(told('tcp', '6443', given)).toEqual([['6443', UNKNOWN]]);
  expect(told('udp', '8472', { asked: { cni: 'none' } })).toEqual([['8472', UNKNOWN]]);
});

test('no name of an add-on is mistaken for one', () => {
  for (const cni of ['constructor', '__proto__', 'nosuch', ''])
    expect(told('udp', '8472', { asked: { cni } })).toEqual([['8472', UNKNOWN]]);
});

test('NodePorts of the plan and this machine’s own, and never what is below 1024', () => {
  expect(told('tcp', '29999-32768')).toEqual([
    ['29999', UNKNOWN],
    ['30000-32767', 'node-port'],
    ['32768', UNKNOWN],
  ]);
  expect(told('udp', '20-2100', { asked: { nodePortRange: { first: 1, last: 2000 } } })).toEqual([
    ['20-1023', UNKNOWN],
    ['1024-2000', 'node-port'],
    ['2001-2100', UNKNOWN],
  ]);
  expect(told('tcp', '30000-30001', { asked: { nodePortRange: { first: 20, last: 21 } } })).toEqual([
    ['30000-30001', 'node-port'],
  ]);
});

test('a component’s port within the range of NodePorts stays one of a component', () => {
  expect(told('tcp', '10249-10253', { asked: { nodePortRange: { first: 10_000, last: 11_000 } } })).toEqual([
    ['10249', LOOPBACK],
    ['10250', 'component'],
    ['10251', 'component'],
    ['10252', 'component'],
    ['10253', 'node-port'],
  ]);
});

test.each([
  ['0.0.0.0', 'listeners are opened on addresses of their own, never on all'],
  ['::', 'listeners are opened on addresses of their own, never on all'],
  ['', 'listeners are opened on addresses of their own, never on all'],
  ['localhost', 'listeners are opened on addresses of their own, never on all'],
  ['127.0.0.1', 'loopback is no address that another node could reach'],
  ['::1', 'loopback is no address that another node could reach'],
  ['10.0.0.12', 'this machine has no such address'],
])('the address %s', (address, refusal) => {
  expect(told('tcp', '6443', {}, address)).toEqual([['6443', refusal]]);
});

test('addresses in another spelling, and loopback by which the run knows this machine', () => {
  expect(told('tcp', '6443', {}, 'FD00:0:0::11')).toEqual([['6443', 'component']]);
  expect(told('tcp', '6443', { known: ['127.0.0.2'] }, '127.0.0.2')).toEqual([['6443', 'component']]);
});

const port = fc.integer({ min: 1, max: 65_535 });
const range: fc.Arbitrary<PortRange> = fc
  .tuple(port, fc.integer({ min: 0, max: 3_000 }))
  .map(([first, length]) => ({ first, last: Math.min(65_535, first + length) }));

test('the parts are the whole of what was asked for, once each, and every kind is of its catalogue', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('tcp' as const, 'udp' as const),
      range,
      range,
      port,
      fc.constantFrom(null, 'flannel', 'cilium-vxlan', 'antrea'),
      (protocol, ports, nodePortRange, apiServerPort, cni) => {
        const parts = admit(
          { protocol, address: '10.0.0.11', ports },
          {
            ...grounds,
            asked: { nodePortRange, apiServerPort, cni },
          },
        );
        expect(parts.flatMap((part) => portsOf([part.ports]))).toEqual(portsOf([ports]));
        const nodePorts = portsOf(
          parts.flatMap((part) => ('kind' in part && part.kind === 'node-port' ? [part.ports] : [])),
        );
        const within = ({ first, last }: PortRange, each: number) => each >= first && each <= last;
        expect(
          nodePorts.filter(
            (each) => !(each >= 1024 && (within(nodePortRange, each) || within(DEFAULTS.nodePortRange, each))),
          ),
        ).toEqual([]);
      },
    ),
  );
});
