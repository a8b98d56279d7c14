import type {
  FailedCall,
  Forwarded,
  Place,
  PodsHow,
  PodsResult,
  PodTold,
  PodWay,
  PodWayRequest,
} from '../../src/evidence/pods.ts';
import type { Facts } from '../../src/evidence/facts.ts';
import type { Probed, ProbeReading } from '../../src/evidence/probes.ts';
import { reach, receiver, sender } from './reach.ts';

/** A pod as its machine tells of it: 10.244.1.10 on w1, 10.244.2.10 on w2, and the next ones. */
export function pod(machine: string, index = 0, changes: Partial<PodTold> = {}): PodTold {
  return {
    name: `seaworthy-${machine}-${index}`,
    interface: 'eth0',
    addresses: [`${addressOf({ machine, pod: index })}/24`],
    mtu: 1450,
    status: null,
    add: null,
    check: 'done',
    del: [],
    differences: [],
    ...changes,
  };
}

function addressOf({ machine, pod: index }: Place): string {
  return index === null ? `10.244.${machine.slice(1)}.1` : `10.244.${machine.slice(1)}.${10 + index}`;
}

function podsResult(machine: string, changes: Partial<PodsResult> = {}): PodsResult {
  return {
    how: 'throw-away',
    none: null,
    network: { file: '10-lab.conflist', name: 'lab', version: '1.0.0', plugins: ['bridge', 'portmap'] },
    pods: [pod(machine, 0), pod(machine, 1)],
    left: [],
    putBack: [],
    unclear: [],
    ...changes,
  };
}

export function none(why: NonNullable<PodsResult['none']>['why'], detail = 'because of that.'): Partial<PodsResult> {
  return { none: { why, detail }, network: null, pods: [] };
}

export const call = (changes: Partial<FailedCall> = {}): FailedCall => ({
  plugin: 'bridge',
  kind: 'said',
  code: 999,
  message: 'it went wrong',
  ...changes,
});

export function pods(
  machine: string,
  changes: Partial<PodsResult> | Extract<ProbeReading, { unread: unknown }> = {},
  count = 2,
  how: PodsHow = 'throw-away',
): Probed {
  const reading = 'unread' in changes ? changes : { value: podsResult(machine, { how, ...changes }) };
  return { kind: 'pods', request: { kind: 'pods', machine, how, count }, reading };
}

/** A place: `w1` itself, or `w1/0`, its first pod. */
function place(text: string): Place {
  const [machine = '', index] = text.split('/');
  return { machine, pod: index === undefined ? null : Number(index) };
}

export function wayRequest(from: string, to: string, how: PodsHow = 'throw-away'): PodWayRequest {
  return { kind: 'pod-way', how, from: place(from), to: place(to) };
}

/** Open over IPv4, but for what is given. */
export function podWay(from: string, to: string, changes: Partial<PodWay> = {}): PodWay {
  const [here, there] = [place(from), place(to)];
  const source = addressOf(here);
  const open = reach(sender({ address: source, answeredBy: there.machine }), receiver({ source }));
  return {
    family: 4,
    source: here.pod === null ? null : source,
    address: addressOf(there),
    tcp: open,
    udp: open,
    bulk: { port: 6443, bytes: 200_000, arrived: 200_000, returned: 200_000, ms: 3, stalled: false },
    passed: null,
    ...changes,
  };
}

export function way(
  from: string,
  to: string,
  changes: Partial<PodWay> | readonly PodWay[] | Extract<ProbeReading, { unread: unknown }> = {},
  how: PodsHow = 'throw-away',
): Probed {
  const request = wayRequest(from, to, how);
  if ('unread' in changes) return { kind: 'pod-way', request, reading: changes };
  const ways = isList(changes) ? changes : [podWay(from, to, changes)];
  return { kind: 'pod-way', request, reading: { value: { ways } } };
}

function isList(changes: Partial<PodWay> | readonly PodWay[]): changes is readonly PodWay[] {
  return Array.isArray(changes);
}

/** Of a quiet machine that saw nothing of it. */
export function passed(changes: Partial<Forwarded> = {}): Forwarded {
  return { forwarded: 0, addressErrors: 0, noRoutes: 0, reversePathFiltered: 0, received: 0, ...changes };
}

/** FORWARD of somebody's firewall, which drops all that no rule accepts. */
export const DROPPING: NonNullable<Facts['firewall']['chains']>[number] = {
  backend: 'nft',
  family: 'ip',
  table: 'filter',
  chain: 'FORWARD',
  hook: 'forward',
  policy: 'drop',
  jumps: [],
  refusing: [],
  refusesSome: false,
  refusesRest: false,
};
