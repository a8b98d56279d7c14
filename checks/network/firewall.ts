import type { Draft } from '../../src/engine/check.ts';
import type { Node } from '../../src/engine/node.ts';
import type { Facts } from '../../src/evidence/facts.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import {
  ACCEPT_PODS,
  chainName,
  commandsToList,
  droppingForwarded,
  dropWords,
} from '../../src/judging/network/forward-filter.ts';
import { commandsToOpen, portsToOpen } from '../../src/judging/network/ports-to-open.ts';
import { isHarmlessChain } from '../../src/kubernetes/firewall-names.ts';
import type { Settings } from '../../src/plan/settings.ts';

const reasons = {
  'not-filtered': 'pass',
  'active-tested': 'pass',
  'not-observed': 'skip',
  'rules-unread': 'unknown',
  'active-untested': 'warn',
  'forward-drop': 'warn',
} as const;

type Chain = NonNullable<Facts['firewall']['chains']>[number];
type Manager = Facts['firewall']['managers'][number];

export default defineCheck({
  id: 'network/firewall',
  title: 'no packet filter stands in the way unnoticed',
  docs: 'https://kubernetes.io/docs/reference/networking/ports-and-protocols/',
  kubeadm: ['Firewalld'],
  stages: ['fresh', 'joined'],
  reasons,
  needs: ['firewall'],
  wants: [],
  judge({ firewall }, { node, plan, met }) {
    const chains = firewall.chains ?? [];
    const dropping = droppingForwarded(chains);
    const filters = chains.filter((chain) => !dropping.includes(chain) && refuses(chain));
    // nftables.service and iptables.service load whatever they are given: where the rules were read, those tell.
    const active = firewall.managers.filter(
      ({ name }) => name === 'firewalld' || name === 'ufw' || firewall.chains === null,
    );
    // Rules that nobody saw may be about pods, whose packets are another matter.
    const tested = met === true && firewall.chains !== null && asksForReachability(plan);
    const findings: Draft<typeof reasons>[] = [
      ...active.map((manager) => (tested ? told(manager.name, [manager.name]) : managed(manager, node, plan))),
      ...WAYS.flatMap((way) => {
        const own = filters.filter(({ hook }) => way.hooks.includes(hook));
        if (own.length === 0) return [];
        // What is forwarded is of pods: `pods/cross-node` tries it.
        if (tested && (way.subject !== 'forward' || plan.pods !== null))
          return active.length > 0 ? [] : [told(way.subject, own.map(chainName))];
        // The finding about its manager says the same.
        return active.length > 0 && !tested ? [] : [filtered(way, own, node, plan)];
      }),
      ...(dropping.length === 0 ? [] : [forwardDrop(dropping)]),
    ];
    if (findings.length > 0) return findings;
    if (firewall.unread === null) {
      return [
        {
          subject: 'rules',
          reason: 'not-filtered',
          message:
            'No rule of somebody’s firewall in iptables or nftables drops what comes in, is forwarded or goes out; rules of NAT and of bridges were not looked at.',
          evidence: { chains: chains.map(chainName), managers: firewall.managers },
        },
      ];
    }
    return [
      firewall.unreadWhy === 'unsupported'
        ? {
            subject: 'rules',
            reason: 'not-observed',
            message: `No firewall is switched on in the files of this machine; ${firewall.unread}.`,
          }
        : {
            subject: 'rules',
            reason: 'rules-unread',
            message: `Whether rules drop packets could not be seen: ${firewall.unread}.`,
          },
    ];
  },
});

/** A forward chain that refuses the rest is in order where an add-on accepts its pods ahead of that: what else it refuses counts. */
function refuses({ chain, hook, policy, refusing, refusesSome }: Chain): boolean {
  if (hook !== 'forward') return policy === 'drop' || refusing.some((each) => !isHarmlessChain(each));
  return refusesSome || refusing.some((each) => each !== chain && !isHarmlessChain(each));
}

/** What passes between the nodes is then seen by `ports/reachable`. */
function asksForReachability({ only, skip }: Settings): boolean {
  const names = ['ports', 'ports/reachable'];
  return (only.length === 0 || names.some((name) => only.includes(name))) && !names.some((name) => skip.includes(name));
}

function told(subject: string, who: readonly string[]): Draft<typeof reasons> {
  return {
    subject,
    reason: 'active-tested',
    message: `${who.slice(0, 5).join(', ')} may drop packets; what the nodes of this run need of each other was tried with it on.`,
    evidence: { by: who },
  };
}

function managed(manager: Manager, node: Node, plan: Settings): Draft<typeof reasons> {
  const ports = portsToOpen(node, plan);
  return {
    subject: manager.name,
    reason: 'active-untested',
    kubeadm: manager.name === 'firewalld' ? 'Firewalld' : null,
    message: `${manager.name} is active; that it lets the needed ports through was not tested.`,
    why: 'A port that it closes makes kubeadm join hang, or cuts the pods of this node off.',
    expected: `open: ${ports.join(' ')}`,
    actual: `${manager.name} (${manager.by})`,
    evidence: { ports },
    remedy: {
      text: 'See that it opens the ports of this node to the other nodes, and lets the pod network through.',
      commands: commandsToOpen(manager.name, ports),
    },
  };
}

interface Way {
  readonly subject: string;
  readonly hooks: readonly Chain['hook'][];
  readonly what: string;
}

const WAYS: readonly Way[] = [
  { subject: 'input', hooks: ['ingress', 'prerouting', 'input'], what: 'what comes in' },
  { subject: 'forward', hooks: ['forward'], what: 'what is forwarded' },
  { subject: 'output', hooks: ['output', 'postrouting', 'egress'], what: 'what goes out' },
];

function filtered(
  { subject, what }: Way,
  filters: readonly Chain[],
  node: Node,
  plan: Settings,
): Draft<typeof reasons> {
  const ports = portsToOpen(node, plan);
  const isInput = subject === 'input';
  return {
    subject,
    reason: 'active-untested',
    kubeadm: null,
    message: `${filters.map(chainName).slice(0, 5).join(', ')} ${filters.length === 1 ? 'drops' : 'drop'} some of ${what}; that ${isInput ? 'the needed ports pass' : 'what the cluster needs passes'} was not tested.`,
    why: 'A port that is closed makes kubeadm join hang, or cuts the pods of this node off.',
    expected: isInput ? `open: ${ports.join(' ')}` : 'no rule against the pod network, the Services or the other nodes',
    actual: filters
      .map(({ policy, refusing }) => (policy === 'drop' ? 'policy drop' : `rules in ${refusing.join(', ')}`))
      .join('; '),
    evidence: { chains: filters.map(chainName), ...(isInput ? { ports } : {}) },
    remedy: {
      text: isInput
        ? 'See that the rules open these ports to the other nodes, in the file that loads them at boot.'
        : 'See that the rules let the pod network, the Services and the other nodes’ ports through, in the file that loads them at boot.',
      commands: commandsToList(filters),
    },
  };
}

function forwardDrop(dropping: readonly Chain[]): Draft<typeof reasons> {
  return {
    subject: 'forward',
    reason: 'forward-drop',
    kubeadm: null,
    message: `${dropping.map(chainName).slice(0, 5).join(', ')} drops what is forwarded, unless a rule accepts it first.`,
    why: 'Packets from and to pods are forwarded: where the network add-on adds no rule of its own for them they are lost.',
    expected: 'policy accept, or rules that accept the pod network',
    actual: dropWords(dropping),
    evidence: { chains: dropping.map(chainName) },
    remedy: {
      text: ACCEPT_PODS,
      commands: commandsToList(dropping),
    },
  };
}
