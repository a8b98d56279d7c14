import type { Draft } from '../../src/engine/check.ts';
import type { Facts } from '../../src/evidence/facts.ts';
import type { Reading } from '../../src/evidence/reading.ts';
import { notShown } from '../../src/judging/not-shown.ts';
import { isRead, valueOf } from '../../src/judging/reading.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { commandsToReserve, ephemeralPorts, type EphemeralPorts } from '../../src/judging/ports/ephemeral-ports.ts';
import {
  freeingRemedy,
  holderEvidence,
  holderName,
  holderOf,
  isComponent,
  isForRun,
  NOT_SHOWN,
  type Holder,
} from '../../src/judging/ports/port-holder.ts';
import { SERVICE_PROXIES } from '../../src/kubernetes/programs.ts';
import type { Settings, Stage } from '../../src/plan/settings.ts';
import {
  formatPortRange,
  inRange,
  intersect,
  lengthOf,
  subtract,
  toRanges,
  type PortRange,
} from '../../src/values/port-range.ts';
import { PROGRAM } from '../../src/values/program-name.ts';

const REASONS = {
  'no-listener': 'pass',
  apart: 'pass',
  'listener-in-range': 'warn',
  'ephemeral-overlap': 'warn',
  'owner-not-visible': 'unknown',
  unread: 'unknown',
  'not-shown': 'skip',
} as const;

type Finding = Draft<typeof REASONS>;

export default defineCheck({
  id: 'ports/node-port-range',
  title: 'nothing else uses the NodePort range',
  docs: 'https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  reasons: REASONS,
  needs: ['listeners'],
  wants: ['sysctls', 'socketOwners', 'sysctlFiles'],
  judge({ listeners, sysctls, socketOwners, sysctlFiles }, { node, plan }) {
    const owners = valueOf(socketOwners);
    const holders = listeners.sockets
      .filter(({ port }) => inRange(plan.nodePortRange, port))
      .map((socket) => holderOf(socket, owners));
    const inTheWay = groups(holders.filter((holder) => !isServiceProxy(holder) && !isForRun(holder)));
    return [
      ...(listeners.by === 'nothing' ? [NOT_SHOWN] : []),
      ...(listeners.by === 'bind' ? [notRead(plan)] : inTheWay.map((group) => judgeGroup(group, node.stage))),
      ...(listeners.by === 'kernel' && inTheWay.length === 0 ? [noListener(plan, holders)] : []),
      judgeEphemeral(sysctls, sysctlFiles, plan),
    ];
  },
});

interface Group {
  readonly ports: string;
  readonly holder: Holder;
}

/** Neighbouring ports of one owner share a finding. */
function groups(holders: readonly Holder[]): Group[] {
  const byOwner = Map.groupBy(holders, ({ socket, owner }) => `${socket.protocol} ${owner?.pid ?? ''}`);
  return [...byOwner.values()].flatMap((ofOne) =>
    toRanges(ofOne.map(({ socket }) => socket.port)).flatMap((range) => {
      const holder = ofOne.find(({ socket }) => socket.port === range.first);
      return holder === undefined ? [] : [{ ports: `${holder.socket.protocol}/${formatPortRange(range)}`, holder }];
    }),
  );
}

function isServiceProxy({ owner }: Holder): boolean {
  return owner !== null && SERVICE_PROXIES.some((proxy) => isComponent(owner, proxy));
}

function judgeGroup({ ports, holder }: Group, stage: Stage): Finding {
  if (holder.owner === null && !holder.kernel && stage === 'joined') {
    return {
      subject: ports,
      reason: 'owner-not-visible',
      message: `On ${ports} listens ${holderName(holder)}; if that is kube-proxy, it is as it should be.`,
      evidence: holderEvidence(holder),
    };
  }
  return {
    subject: ports,
    reason: 'listener-in-range',
    message: `Inside the NodePort range, on ${ports}, listens ${holderName(holder)}.`,
    why: 'When a Service is given that NodePort, it takes the traffic away from the listener without a word.',
    expected: 'no listener inside the range',
    actual: `${holderName(holder)} on ${holder.socket.address}`,
    evidence: holderEvidence(holder),
    remedy: freeingRemedy(holder),
  };
}

function noListener({ nodePortRange }: Settings, holders: readonly Holder[]): Finding {
  const known = [
    ...(holders.some(isServiceProxy) ? ['what connects Services'] : []),
    ...(holders.some(isForRun) ? [`${PROGRAM} itself, for another run at the moment,`] : []),
  ];
  return {
    subject: formatPortRange(nodePortRange),
    reason: 'no-listener',
    message:
      known.length === 0
        ? `Nothing listens inside ${formatPortRange(nodePortRange)}.`
        : `Only ${known.join(' and ')} ${known.length === 1 ? 'listens' : 'listen'} inside ${formatPortRange(nodePortRange)}.`,
  };
}

function notRead({ nodePortRange }: Settings): Finding {
  return {
    subject: formatPortRange(nodePortRange),
    reason: 'unread',
    message: 'The kernel did not show its listening sockets, and thousands of ports are not tried by binding.',
  };
}

function judgeEphemeral(
  sysctls: Reading<Facts['sysctls']>,
  files: Reading<Facts['sysctlFiles']>,
  plan: Settings,
): Finding {
  const subject = 'net.ipv4.ip_local_port_range';
  if (isRead(sysctls) && sysctls.value.shown === false) return notShown(subject);
  const ephemeral = isRead(sysctls) ? ephemeralPorts(sysctls.value) : null;
  if (ephemeral === null) {
    return {
      subject,
      reason: 'unread',
      message: `The range of ephemeral ports, or what is kept out of it, could not be read${isRead(sysctls) ? '' : `: ${sysctls.detail}`}.`,
    };
  }
  const shared = ephemeral.given.flatMap((piece) => intersect(piece, plan.nodePortRange) ?? []);
  const evidence = {
    range: formatPortRange(ephemeral.range),
    reserved: list(ephemeral.reserved),
    overlap: list(shared),
  };
  const own = formatPortRange(plan.nodePortRange);
  if (shared.length === 0) {
    return { subject, reason: 'apart', message: `No outgoing connection is given a port of ${own}.`, evidence };
  }
  return {
    subject,
    reason: 'ephemeral-overlap',
    message: `The kernel gives ports ${list(shared)} of the NodePort range to outgoing connections.`,
    why: 'A connection that happens to have such a port gets in the way of the Service whose NodePort or health check it is, at random.',
    expected: `${own} outside of ip_local_port_range, or in ip_local_reserved_ports`,
    actual: `ip_local_port_range ${evidence.range}, ip_local_reserved_ports ${evidence.reserved || 'empty'}`,
    evidence,
    remedy: apartRemedy(ephemeral, plan, files),
  };
}

/** So many ports at least a machine should have for connections to one address and port; with fewer it runs out of them under load. */
const LEAST_EPHEMERAL = 1_024;

/** With every port reserved no connection could be made any more. */
function apartRemedy(
  ephemeral: EphemeralPorts,
  plan: Settings,
  files: Reading<Facts['sysctlFiles']>,
): { text: string; commands?: string[] } {
  const left = ephemeral.given
    .flatMap((piece) => subtract(piece, [plan.nodePortRange]))
    .reduce((sum, piece) => sum + lengthOf(piece), 0);
  if (left < LEAST_EPHEMERAL) {
    return {
      text: `Choose a narrower NodePort range (--service-node-port-range of kube-apiserver; 30000-32767 is its default): with this one reserved, ${left === 0 ? 'no port' : left === 1 ? '1 port' : `${left} ports`} would be left for outgoing connections.`,
    };
  }
  return {
    text: 'Reserve the NodePort range; connections that have such a port now keep it until they end.',
    commands: commandsToReserve(ephemeral, plan, files),
  };
}

function list(ranges: readonly PortRange[]): string {
  return ranges.map(formatPortRange).join(',');
}
