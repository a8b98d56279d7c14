import type { Remedy } from '../../engine/check.ts';
import type { Facts } from '../../evidence/facts.ts';
import type { PodsHow } from '../../evidence/pods.ts';
import type { Reading } from '../../evidence/reading.ts';
import { addOns } from '../../kubernetes/add-ons.ts';
import { MTU_SETTINGS } from '../../kubernetes/mtu-settings.ts';
import { shellQuote } from '../../values/shell.ts';
import { ACCEPT_PODS } from '../network/forward-filter.ts';
import type { Obstacle, Stopped } from './forwarding.ts';
import type { Leg } from './pod-legs.ts';
import type { PodFault } from './pod-reach-reason.ts';
import { commandsToSet } from '../kernel/sysctl-settings.ts';

/** What a remedy for packets of pods goes by. */
export interface PodTrouble {
  readonly leg: Leg;
  readonly stopped: Stopped | null;
  /** The network that pods of both nodes take for their own link; null when they do not. */
  readonly oneLink: string | null;
  /** Bytes; null where it is not known. */
  readonly mtu: number | null;
  readonly how: PodsHow;
  /** As `--cni` names it. */
  readonly cni: string | null;
  /** Of the machine where packets stopped. */
  readonly sysctlFiles: Reading<Facts['sysctlFiles']>;
}

export function podRemedy(reason: PodFault, trouble: PodTrouble): Remedy {
  return REMEDIES[reason](trouble);
}

const RULES = ['nft list ruleset'];

function route(leg: Leg): string {
  return `ip route get ${shellQuote(lostAddress(leg))}`;
}

/** Where what was lost was to go: an answer goes back to where the request came from. */
function lostAddress({ way: { address }, reach, podWay, verdict: { reason } }: Leg): string {
  return reason === 'reply-lost' ? (reach.receiver?.source ?? podWay.source ?? address) : address;
}

function ends({ request: { from, to } }: Leg): { here: string; there: string; across: boolean } {
  return { here: from.machine, there: to.machine, across: from.machine !== to.machine };
}

/** Where it stopped, if that is known; else where to look, in the order of what is most often the cause. */
function letThrough(trouble: PodTrouble): Remedy {
  const { stopped, how } = trouble;
  const remedy = stopped === null ? lookForIt(trouble) : OBSTACLES[stopped.obstacle](stopped, trouble);
  if (how === 'throw-away' || stopped?.proof === 'counters') return remedy;
  return {
    text: `${remedy.text} A NetworkPolicy that selects the pod looks the same.`,
    commands: [...(remedy.commands ?? []), 'kubectl get networkpolicies --all-namespaces'],
  };
}

const OBSTACLES: Readonly<Record<Obstacle, (stopped: Stopped, trouble: PodTrouble) => Remedy>> = {
  'forwarding-off': ({ machine }, { leg, sysctlFiles }) => ({
    text: `On ${machine} turn IPv${leg.way.family} forwarding on, now and at each boot; kernel/ip-forward there says what turned it off, which may be the setting of one interface: the last line shows those.`,
    commands: [
      ...commandsToSet(
        { [leg.way.family === 4 ? 'net/ipv4/ip_forward' : 'net/ipv6/conf/all/forwarding']: '1' },
        sysctlFiles,
      ),
      `sysctl -a --pattern '^net\\.ipv${leg.way.family}\\.conf\\..*\\.forwarding'`,
    ],
  }),
  'reverse-path-filter': ({ machine }, { sysctlFiles }) => ({
    text: `On ${machine} let packets of pods come and go by one interface (two uplinks, or routes that cross), or set the filter to loose: 2 prevails over 1 of an interface.`,
    commands: commandsToSet({ 'net/ipv4/conf/all/rp_filter': '2' }, sysctlFiles),
  }),
  'no-route': ({ machine }, { leg }) => ({
    text: `Give ${machine} a route to the pods of the other node: the network add-on makes it, so see that its own pod runs on ${machine}${ends(leg).across ? ', that the two nodes are on one link where it needs that,' : ''} and what it logs.`,
    commands: [route(leg)],
  }),
  'forward-filter': ({ machine }) => ({ text: `On ${machine}: ${ACCEPT_PODS}`, commands: RULES }),
};

function lookForIt(trouble: PodTrouble): Remedy {
  const { leg, oneLink } = trouble;
  const { here, there, across } = ends(leg);
  const { from, to } = leg.request;
  if (oneLink !== null)
    return {
      text: `Pods of both nodes take ${oneLink} for their own link. Where each node has a bridge of its own, give each node a range of its own (its podCIDR; ipam in the file of the network); where one link is to span the nodes, see that it takes the frames of pods.`,
      commands: [route(leg)],
    };
  if (from.pod === null || to.pod === null)
    return {
      text: `On ${here} look at the rules for packets between the node and its pods, and by which interface the pod is reached.`,
      commands: [...RULES, 'ip route'],
    };
  if (!across)
    return {
      text: `On ${here} look at the rules for what is forwarded: they hold for bridged packets too where net.bridge.bridge-nf-call-iptables is 1.`,
      commands: [...RULES, 'sysctl net.bridge.bridge-nf-call-iptables'],
    };
  if (leg.verdict.reason === 'reply-lost')
    return {
      text: `The answers are lost on their way back: on ${there} look at the route to ${lostAddress(leg)}, at forwarding and at the rules for what is forwarded, then at the rules on ${here}, then between them: ${between(trouble)}.`,
      commands: [route(leg), ...RULES],
    };
  return {
    text: `Look at forwarding and at the rules for what is forwarded on ${here} and on ${there}, then at the route from each to the pods of the other, then between them: ${between(trouble)}.`,
    commands: [route(leg), ...RULES],
  };
}

/** What has to pass between the nodes for this add-on: a clause. */
function between({ cni }: PodTrouble): string {
  const addOn = cni === null ? undefined : addOns[cni];
  if (addOn === undefined)
    return 'an overlay needs its port (--cni names the add-on, ports/reachable tries it), and without one the network between the nodes has to know where pods are';
  const tunnels = addOn.ports.filter(
    ({ protocol, bind, optional }) => protocol === 'udp' && bind === 'all' && !optional,
  );
  const names = [
    ...tunnels.map(({ port, purpose }) => `udp/${port} (${purpose})`),
    ...addOn.ipProtocols.map(({ number, name }) => `IP protocol ${number} (${name})`),
  ];
  if (addOn.needsSharedLink)
    return `${addOn.title} needs both nodes on one link that takes packets of pods, whatever their addresses`;
  if (names.length === 0)
    return `${addOn.title} without an overlay needs a network that knows where pods are, and no check of source addresses there`;
  const tried = tunnels.length === 0 ? '' : ', which ports/reachable tries with --cni';
  return `${addOn.title} needs ${names.join(' or ')}${tried}`;
}

const REMEDIES: Readonly<Record<PodFault, (trouble: PodTrouble) => Remedy>> = {
  rejected: letThrough,
  'request-lost': letThrough,
  'reply-lost': letThrough,
  lost: letThrough,
  'half-open': letThrough,
  'no-neighbour': letThrough,
  'blocked-locally': (trouble) => ({
    text: `The pod itself has no way out to ${trouble.leg.way.address}: look at its routes, which the plugin makes (isGateway, isDefaultGateway, routes of ipam), and at the rules for what leaves ${trouble.leg.way.from}.`,
    commands: [route(trouble.leg)],
  }),
  'source-rewritten': ({ leg }) => {
    const { here, there, across } = ends(leg);
    return {
      text: `Except the network of the pods from masquerading on ${here}${across ? ` and on ${there}` : ''}: kube-proxy goes by clusterCIDR, flannel by --ip-masq and its Network, the bridge plugin by ipMasq, ip-masq-agent by nonMasqueradeCIDRs, others by a rule of somebody’s own.`,
      commands: RULES,
    };
  },
  'source-rewritten-at-node': ({ leg }) => ({
    text: `On ${ends(leg).here} look for a rule that masquerades what goes between the node and its own pods, and except it there.`,
    commands: RULES,
  }),
  'wrong-host': ({ leg }) => ({
    text: `Find out who has ${leg.way.address}: another pod or machine with the same address, or a rule that sends packets elsewhere.`,
    commands: [`ip neigh show to ${shellQuote(leg.way.address)}`, route(leg)],
  }),
  stalled: ({ leg, mtu, cni }) => {
    const { here, there, across } = ends(leg);
    const setting = cni === null ? undefined : MTU_SETTINGS[cni];
    const lower = setting === undefined ? 'Give pods a smaller MTU' : `Lower ${setting.setting}`;
    return {
      text: across
        ? `${lower}: what they send${mtu === null ? '' : ` (up to ${mtu} bytes, and what the add-on adds)`} does not fit through between ${here} and ${there}, and nobody tells them. network/mtu measures what does.`
        : `On ${here} give both ends of the way one MTU: that of the bridge or of an interface between them is smaller${mtu === null ? '' : ` than the ${mtu} bytes of the pod`}, and nobody tells the pod.`,
      commands: ['ip link'],
    };
  },
  lossy: ({ leg }) => {
    const { here, there, across } = ends(leg);
    return {
      text: `Look for drops and errors on the interfaces of ${across ? `${here} and ${there} and on what connects them` : here}, and for rules that limit rates (the bandwidth plugin, too).`,
      commands: ['ip -s link'],
    };
  },
};
