import type { ComparedNode, PairDraft } from '../../engine/check.ts';
import type { Place, PodsResult, PodTold } from '../../evidence/pods.ts';
import type { Settings } from '../../plan/settings.ts';
import { dotted } from '../../kubernetes/sysctls.ts';
import { contains, formatCidr, parseCidr, type Cidr } from '../../values/cidr.ts';
import { parseIp } from '../../values/ip.ts';
import { formatPortRange } from '../../values/port-range.ts';
import { whereStopped, type Hop, type Stopped } from './forwarding.ts';
import { placeName, type Leg, type UnseenLeg } from './pod-legs.ts';
import { isPodFault, type POD_REACH_REASONS } from './pod-reach-reason.ts';
import { podRemedy, type PodTrouble } from './pod-remedy.ts';
import { storyOf } from '../reach/reach-story.ts';
import { valueOf } from '../reading.ts';

/** What findings about packets of pods go by, beside the packets. */
export interface PodScene {
  readonly plan: Settings;
  readonly nodes: readonly ComparedNode<never, 'sysctls' | 'sysctlFiles' | 'firewall'>[];
  /** By machine. */
  readonly told: ReadonlyMap<string, PodsResult>;
}

export type PodDraft = PairDraft<typeof POD_REACH_REASONS>;

export function podDraft(leg: Leg, scene: PodScene): PodDraft {
  const { verdict, request, way, podWay } = leg;
  const { reason } = verdict;
  if (reason === 'not-open') return notOpen(leg);
  const rewritten = reason === 'source-rewritten' || reason === 'source-rewritten-at-node';
  const { message, evidence, probe, why, actual } = storyOf(
    { ...leg, verdict: { ...verdict, reason: rewritten ? 'source-rewritten' : reason } },
    [],
  );
  const [from, to] = [podAt(request.from, scene), podAt(request.to, scene)];
  const ends = {
    from: { ...probe.from, node: request.from.machine, pod: podWay.source },
    to: { ...probe.to, node: request.to.machine, pod: request.to.pod === null ? null : podWay.address },
  };
  const base = { nodes: nodesOf(leg), subject: legSubject(leg), probe: { ...probe, ...ends } };
  if (reason === 'open') return { ...base, reason, message };
  const stopped = stoppedOf(leg, scene);
  const told = {
    ...base,
    message: [message, stopped?.says ?? '', rewritten ? insidePods(leg, scene) : '']
      .filter((text) => text !== '')
      .join(' '),
    why: rewritten ? WHY_NO_NAT : why === '' ? way.reach.why : why,
    expected: rewritten ? `it comes from ${base.probe.from.address ?? 'the sender'}` : `${way.from} reaches ${way.to}`,
    actual: rewritten ? `it comes from ${leg.reach.receiver?.source ?? 'another address'}` : actual,
    evidence: {
      ...evidence,
      pods: { from: from?.name ?? null, to: to?.name ?? null, mtu: from?.mtu ?? null },
      passed: podWay.passed,
      stopped: stopped === null ? null : { machine: stopped.machine, obstacle: stopped.obstacle, proof: stopped.proof },
    },
  };
  if (!isPodFault(reason)) return { ...told, reason };
  return { ...told, reason, remedy: podRemedy(reason, troubleOf(leg, stopped, scene)) };
}

/** Where the node leaves its own ports alone nothing can answer there. */
function notOpen(leg: Leg): PodDraft {
  const { request, way, ports } = leg;
  return {
    nodes: nodesOf(leg),
    subject: legSubject(leg),
    reason: 'not-open',
    message: `Not tried: on a node that has joined no listener is put on ${way.reach.protocol}/${formatPortRange(ports)}, and nothing there would answer ${placeName(request.from)}.`,
  };
}

/** Of a way of which nothing was seen. */
export function unseenPodDraft({ request, why }: UnseenLeg): PodDraft {
  const { from, to } = request;
  return {
    nodes: nodesOf({ request }),
    subject: subjectOf(request),
    reason: 'undecided',
    message: `Whether ${placeName(from)} reaches ${placeName(to)} could not be decided: ${why.replace(/\.$/, '')}.`,
  };
}

const WHY_NO_NAT =
  'Pods reach each other without NAT in Kubernetes: NetworkPolicies, and whatever goes by the address of its client, see somebody else.';

function nodesOf({ request: { from, to } }: Pick<Leg, 'request'>): string[] {
  return [...new Set([from.machine, to.machine])];
}

/** `pod 0 → pod 1 tcp` within a node, `pod → pod tcp` between two; what goes over a second family of addresses says so. */
export function legSubject({ request, way }: Leg): string {
  return `${subjectOf(request)} ${way.reach.protocol}${way.second ? ` over IPv${way.family}` : ''}`;
}

function subjectOf({ from, to }: Leg['request']): string {
  const within = from.machine === to.machine;
  const name = ({ pod }: Place) => (pod === null ? 'node' : within ? `pod ${pod}` : 'pod');
  return `${name(from)} → ${name(to)}`;
}

function podAt({ machine, pod }: Place, { told }: PodScene): PodTold | null {
  return pod === null ? null : (told.get(machine)?.pods[pod] ?? null);
}

/** That it lies in the network of the pods does not make it the pod’s. */
function insidePods({ reach: { receiver }, podWay, request }: Leg, scene: PodScene): string {
  const source = parseIp(receiver?.source ?? '');
  const own = podAt(request.from, scene)?.addresses ?? [];
  const inside = [...scene.plan.podCidr, ...own].some((text) => {
    const cidr = parseCidr(text);
    return cidr !== null && source !== null && contains(cidr, source);
  });
  return inside
    ? `${receiver?.source ?? 'It'} lies in the network of the pods, and is not ${podWay.source ?? 'the sender'}.`
    : '';
}

const LOST: readonly Leg['verdict']['reason'][] = ['rejected', 'request-lost', 'reply-lost', 'lost', 'half-open'];

/** Between the node and its own pods nothing is forwarded. */
function stoppedOf(leg: Leg, scene: PodScene): Stopped | null {
  const { request, verdict, reach, way } = leg;
  const { from, to } = request;
  if (!LOST.includes(verdict.reason) || from.pod === null || to.pod === null) return null;
  const hops = hopsOf(leg, scene);
  const stopped = whereStopped(verdict.reason === 'reply-lost' ? hops.toReversed() : hops, way.family);
  if (reach.sender.errno !== 'ENETUNREACH' || stopped?.proof === 'counters') return stopped;
  return {
    machine: from.machine,
    obstacle: 'no-route',
    proof: 'settings',
    says: `ENETUNREACH came back: ${from.machine}, or a machine further on, has no route to ${way.address}.`,
  };
}

/** The machines by way of which it goes, the sender’s first. */
function hopsOf(leg: Leg, scene: PodScene): Hop[] {
  const { request, podWay, way } = leg;
  const [{ from, to }, { passed }, { family }] = [request, podWay, way];
  const within = from.machine === to.machine;
  // Of pods that were there already the chain is not known; those of a bridge take one network for their link.
  const isBridge = (network: PodsResult['network']) =>
    network === null ? linkOf(leg, scene) !== null : BRIDGING.includes(network.plugins[0] ?? '');
  const hopAt = (machine: string, counted: Hop['passed']): Hop => {
    const facts = scene.nodes.find(({ node }) => node.name === machine)?.facts;
    const sysctls = facts === undefined ? null : valueOf(facts.sysctls);
    const { network = null, putBack = [] } = scene.told.get(machine) ?? {};
    const key = family === 4 ? 'net/ipv4/ip_forward' : 'net/ipv6/conf/all/forwarding';
    const value = sysctls?.values[key];
    const changed = putBack.some(({ what, name }) => what === 'sysctl' && name === dotted(key));
    const filtered = sysctls?.values[`net/bridge/bridge-nf-call-ip${family === 4 ? '' : '6'}tables`] === '1';
    return {
      machine,
      passed: counted,
      forwards: value === undefined || changed ? null : value.startsWith('1'),
      chains: facts === undefined ? null : (valueOf(facts.firewall)?.chains ?? null),
      bridged: !within || !isBridge(network) ? null : filtered ? 'filtered' : 'not-filtered',
    };
  };
  const first = hopAt(from.machine, passed?.from ?? null);
  return within ? [first] : [first, hopAt(to.machine, passed?.to ?? null)];
}

/** Plugins that put the pods of a node on one bridge. */
const BRIDGING = ['bridge', 'flannel'];

/** The network that the sender takes for its own link, and the receiver for a neighbour on it; null when it does not. */
function linkOf({ request, way: { address } }: Leg, scene: PodScene): Cidr | null {
  const receiver = parseIp(address);
  const own = (podAt(request.from, scene)?.addresses ?? []).flatMap((text) => parseCidr(text) ?? []);
  return own.find((cidr) => receiver !== null && contains(cidr, receiver)) ?? null;
}

function troubleOf(leg: Leg, stopped: Stopped | null, scene: PodScene): PodTrouble {
  const { request } = leg;
  const across = request.from.machine !== request.to.machine;
  const link = linkOf(leg, scene);
  const at = scene.nodes.find(({ node }) => node.name === (stopped?.machine ?? request.from.machine));
  return {
    leg,
    stopped,
    oneLink: !across || link === null ? null : formatCidr(link),
    mtu: podAt(request.from, scene)?.mtu ?? null,
    how: request.how,
    cni: scene.plan.cni,
    sysctlFiles: at?.facts.sysctlFiles ?? { unread: 'missing', detail: 'not read' },
  };
}
