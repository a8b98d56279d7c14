import type { Finding, ProbeEvidence, Report } from '../../src/report/schema.ts';
import type { Status } from '../../src/values/status.ts';
import { check, finding, node, report } from './given.ts';

/** Names of nodes; a control plane begins with `cp`. */
function nodesOf(names: readonly string[], self: string | null = null): Report['nodes'] {
  return names.map((name, index) =>
    node(name, {
      self: name === self,
      roles: [name.startsWith('cp') ? 'control-plane' : 'worker'],
      addresses: [`10.0.${Math.floor(index / 200)}.${11 + (index % 200)}`],
    }),
  );
}

interface Seen {
  readonly status?: Status;
  readonly reason?: string;
  readonly message?: string;
  readonly protocol?: 'tcp' | 'udp';
  readonly port?: string;
  readonly purpose?: string;
  readonly sender?: Partial<ProbeEvidence['sender']>;
  readonly receiver?: Partial<ProbeEvidence['receiver']>;
  readonly over?: Partial<Finding>;
}

/** A finding of a check about packets; open unless said. */
export function seen(from: string, to: string, given: Seen = {}): Finding {
  const { status = 'pass', reason = 'open', protocol = 'tcp', port = '10250' } = given;
  const { purpose = 'kube-apiserver → kubelet', message = `${from} reaches ${protocol}/${port} of ${to}.` } = given;
  const open = status === 'pass';
  return finding({
    check: 'ports/reachable',
    nodes: [from, to],
    subject: `${protocol}/${port}`,
    status,
    reason,
    message,
    probe: {
      from: { node: from, address: null, pod: null },
      to: { node: to, address: '10.0.0.1', protocol, port },
      purpose,
      attempts: open ? 1 : 2,
      proof: open ? 'nonce' : null,
      sender: {
        outcome: open ? 'answered' : 'silence',
        errno: null,
        waitedMs: open ? 0.4 : 1_500,
        rttMs: null,
        ...given.sender,
      },
      receiver: { listener: 'ours', arrived: open ? 1 : 0, answered: open ? 1 : 0, source: null, ...given.receiver },
    },
    ...(status === 'fail' || status === 'warn'
      ? {
          remedy: {
            text: `Let ${protocol}/${port} in on ${to}.`,
            commands: [`firewall-cmd --permanent --add-port=${port}/${protocol}`],
          },
        }
      : {}),
    ...given.over,
  });
}

/** Every directed pair. */
export function pairsOf(names: readonly string[]): [from: string, to: string][] {
  return names.flatMap((from) => names.filter((to) => to !== from).map((to): [string, string] => [from, to]));
}

interface Given {
  readonly names: readonly string[];
  readonly self?: string;
  readonly reachable: readonly Finding[];
  readonly nodePorts?: readonly Finding[];
  readonly pods?: readonly Finding[];
  /** Findings about single nodes. */
  readonly own?: readonly Finding[];
  readonly coverage?: Partial<Report['coverage']>;
}

/** The report of a run between nodes. */
export function clusterReport({
  names,
  self,
  reachable,
  nodePorts = [],
  pods = [],
  own = [],
  coverage = {},
}: Given): Report {
  const pairs = self === undefined ? names.length * (names.length - 1) : 2 * (names.length - 1);
  const checks = [
    ['ports/reachable', reachable],
    ['ports/node-ports-reachable', nodePorts],
    ['pods/cross-node', pods],
    ['kernel/ip-forward', own],
  ] as const;
  return report(
    checks.flatMap(([id, findings]) => (findings.length === 0 ? [] : [check(id, findings)])),
    {
      nodes: nodesOf(names, self ?? null),
      run: {
        id: 'r',
        command: self === undefined ? 'mesh' : 'check',
        startedAt: '2026-01-02T03:04:05.678Z',
        durationMs: 3_100,
      },
      coverage: { nodes: names.length, pairs, pairsTested: pairs, pods: 'not-asked', ...coverage },
    },
  );
}

const SIX = ['cp1', 'cp2', 'cp3', 'w1', 'w2', 'w3'];
const LOST = { status: 'fail', reason: 'request-lost' } as const;
const LATE = {
  status: 'unknown',
  reason: 'undecided',
  message: 'w3 answered its control channel 900 ms late: too loaded to tell.',
} as const;
const NODE_PORT = { purpose: 'NodePort', protocol: 'tcp' } as const;

/** Six nodes, of which three have a story each. */
export function sixNodes(): Report {
  const controlPlane = ['cp1', 'cp2', 'cp3'];
  const late = (from: string, to: string) =>
    [from, to].includes('w3') && [from, to].some((name) => controlPlane.includes(name));
  const reachable = pairsOf(SIX).flatMap(([from, to]) => {
    const kubelet = to === 'w2' && controlPlane.includes(from) ? LOST : late(from, to) ? LATE : {};
    const vxlan =
      from === 'w2' && to === 'w3'
        ? { status: 'fail' as const, reason: 'reply-lost', receiver: { arrived: 8, answered: 8 } }
        : late(from, to)
          ? LATE
          : {};
    return [
      ...(controlPlane.includes(from) ? [seen(from, to, kubelet)] : []),
      seen(from, to, { ...vxlan, protocol: 'udp', port: '8472', purpose: 'VXLAN (flannel)' }),
    ];
  });
  const nodePorts = [
    seen('cp1', 'w2', { ...NODE_PORT, port: '30000-30499' }),
    seen('cp1', 'w2', { ...NODE_PORT, ...LOST, port: '30500-30999' }),
    seen('cp1', 'w2', { ...NODE_PORT, port: '31000-32767' }),
    seen('w1', 'w2', { ...NODE_PORT, port: '30000-32767' }),
  ];
  const own = SIX.map((name) =>
    finding({
      nodes: [name],
      ...(name === 'w2'
        ? { status: 'warn' as const, reason: 'odd', message: 'Odd.', remedy: { text: 'Mend it.' } }
        : {}),
    }),
  );
  return clusterReport({ names: SIX, reachable, nodePorts, own });
}
