import type { ComparedNode } from '../../engine/check.ts';
import type { EndpointRequest, Probed } from '../../evidence/probes.ts';
import type { SenderSaw } from '../../evidence/reach.ts';
import type { Settings } from '../../plan/settings.ts';
import { parseEndpoint } from '../../values/endpoint.ts';
import { canonicalIp } from '../../values/ip.ts';
import { LOCAL_LIMITS } from '../../values/local-limits.ts';
import { isNotTls, NO_SUCH_FAMILY, type EndpointSeen } from './endpoint-attempt.ts';
import { holdersAt, holdersBehind, type Behind } from './endpoint-behind.ts';
import { broken } from './endpoint-unreachable.ts';
import { roundedTimes } from '../reach/rounded-times.ts';

type Compared = ComparedNode<'controlPlaneEndpoint', 'interfaces'>;

/** This machine, or every node where it is none of them. */
export function sendersOf(nodes: readonly Compared[]): readonly Compared[] {
  const here = nodes.filter(({ node }) => node.self);
  return here.length > 0 ? here : nodes;
}

/** To each address of the endpoint, unless an API server answers there already. */
export function requestsOf({ node, facts }: Compared, nodes: readonly Compared[], plan: Settings): EndpointRequest[] {
  const behind = holdersBehind(
    nodes.map((each) => each.node),
    plan,
  );
  const seen = facts.controlPlaneEndpoint;
  const endpoint = parseEndpoint(plan.controlPlaneEndpoint ?? '', plan.apiServerPort);
  if (seen === null || endpoint === null || seen.endpoint !== plan.controlPlaneEndpoint || behind.length === 0)
    return [];
  if (seen.attempts.some(({ tls }) => tls === 'done')) return [];
  return seen.attempts
    .filter(({ connect }) => !NO_SUCH_FAMILY.includes(connect))
    .map(({ address }) => ({
      kind: 'endpoint',
      from: node.name,
      address,
      port: endpoint.port,
      behind: [...behind, ...holdersAt({ host: address, port: endpoint.port }, behind, nodes)],
    }));
}

/** What our nonce through the endpoint proves. Nothing but the proof itself counts: a load balancer may rightly take a listener that speaks no TLS for dead. */
export function proofOf(
  { node, facts }: Compared,
  { address, behind, port }: EndpointRequest,
  probed: Extract<Probed, { kind: 'endpoint' }> | undefined,
) {
  const seen = facts.controlPlaneEndpoint;
  const attempt = seen?.attempts.find((each) => each.address === address);
  if (seen === null || attempt === undefined) return null;
  const { endpoint } = seen;
  const subject = `${endpoint} at ${address}`;
  const result = probed !== undefined && 'value' in probed.reading ? probed.reading.value : null;
  const evidence = {
    address,
    sender: result === null ? null : roundedTimes(result.sender),
    arrivedAt: result?.arrivedAt ?? [],
  };
  const answeredBy = result?.sender.answeredBy ?? null;
  if (result?.sender.outcome === 'answered' && behind.some(({ machine }) => machine === answeredBy)) {
    return {
      nodes: [...new Set([node.name, answeredBy ?? node.name])],
      subject,
      reason: 'proved' as const,
      message: `${endpoint} (${address}) leads from ${node.name} to port ${behind[0]?.port ?? port} of ${answeredBy}: our own listener there answered through it.`,
      evidence,
    };
  }
  if (result?.sender.spoken === true) {
    return {
      nodes: [node.name],
      subject,
      reason: 'stranger' as const,
      message: `Somebody who is no node of this run answers at ${endpoint} (${address}), and speaks before being asked, as no API server does.`,
      evidence,
    };
  }
  // A listener of ours that another run had opened is gone by now, or has just proved itself.
  const stillTaken = probed === undefined || (result?.sender.outcome === 'accepted' && result.arrivedAt.length === 0);
  if (isNotTls(attempt) && stillTaken) return { nodes: [node.name], ...broken(seen, attempt) };
  if (probed === undefined) return null;
  const errno = result?.sender.errno ?? null;
  if (result === null || (errno !== null && LOCAL_LIMITS.has(errno))) {
    return {
      nodes: [node.name],
      subject,
      reason: 'untried' as const,
      message: `Whether ${endpoint} (${address}) leads to a control plane is not known: ${errno === null ? `the connection could not be tried${whyUnread(probed)}` : `${node.name} could not open a connection (${errno})`}.`,
      evidence,
    };
  }
  return { nodes: [node.name], subject, ...unproved(seen, address, behind, result.sender), evidence };
}

function whyUnread({ reading }: Extract<Probed, { kind: 'endpoint' }>): string {
  return 'unread' in reading ? ` (${reading.detail.replace(/\.$/, '')})` : '';
}

/** Nothing need be wrong yet, and nobody will look again before kubeadm init. */
function unproved({ endpoint }: EndpointSeen, address: string, behind: Behind, sender: SenderSaw) {
  const names = [...new Set(behind.map(({ machine }) => machine))].join(', ');
  const port = behind[0]?.port ?? 0;
  const direct = behind.find((each) => canonicalIp(each.address) === canonicalIp(address));
  return {
    reason: 'unproved' as const,
    message: `Whether ${endpoint} (${address}) leads to a control plane is not proved before the first kubeadm init: ${whatWasSeen(sender)}.`,
    why: 'Before kubeadm init nothing else tells whether this address leads to a control plane, and kubeadm init and join wait in vain where it does not.',
    expected: `a listener of ours on port ${port} of ${names} answers through it`,
    actual: whatWasSeen(sender),
    remedy: {
      text:
        direct === undefined
          ? `Start the load balancer, or point it at port ${port} of the control planes (${names}). It is normal with kube-vip, and with load balancers whose health check wants TLS or /healthz: their address answers only after kubeadm init.`
          : `It is an address of ${direct.machine}: see what ports/reachable says of tcp/${port} there.`,
    },
  };
}

/** What a connection that proved nothing came to: a clause. */
function whatWasSeen({ outcome, errno }: SenderSaw): string {
  if (outcome === 'refused') return 'it refuses, as a load balancer does that finds no server healthy yet';
  if (outcome === 'silence') return 'it is silent, as an address is that nobody has taken yet';
  if (outcome === 'error') return `it cannot be reached yet (${errno ?? 'no code'})`;
  return outcome === 'answered'
    ? 'a node answers there that is no control plane'
    : 'it takes connections and passes none on, as a load balancer does that finds no server healthy yet';
}
