import type { JudgeContext } from '../../engine/check.ts';
import { LOCAL_LIMITS } from '../../values/local-limits.ts';
import { shellQuote } from '../../values/shell.ts';
import { hostOf, isNotTls, isSlow, WHY_ENDPOINT, type EndpointAttempt, type EndpointSeen } from './endpoint-attempt.ts';
import { holdersBehind } from './endpoint-behind.ts';

/** The resolver answered, and the name has no address; with any other code it could not be asked, and nothing is known of the name. */
const NO_ADDRESS = ['resolved', 'ENOTFOUND', 'ENODATA'];

export function unresolved(seen: EndpointSeen) {
  const { endpoint, resolve } = seen;
  const host = hostOf(seen);
  if (!NO_ADDRESS.includes(resolve)) {
    return {
      subject: endpoint,
      reason: 'resolver-silent' as const,
      message: `Whether ${host} resolves is not known: the resolver could not be asked, or did not answer (${resolve}).`,
      evidence: { code: resolve },
    };
  }
  return {
    subject: endpoint,
    reason: 'unresolved' as const,
    message: `${host} does not resolve on this machine.`,
    why: WHY_ENDPOINT,
    expected: 'an address',
    actual: resolve === 'resolved' ? 'no address' : resolve,
    evidence: { code: resolve },
    remedy: {
      text: `Give ${host} an address in DNS, or in /etc/hosts of every node; or name another endpoint.`,
      commands: [`getent ahosts ${shellQuote(host)}`],
    },
  };
}

/** No address works. */
export function unreachable(seen: EndpointSeen, failed: readonly EndpointAttempt[], context: JudgeContext) {
  const attempt = worst(failed);
  if (attempt === undefined) return unresolved(seen);
  const { endpoint } = seen;
  const { connect, tls } = attempt;
  const code = tls ?? connect;
  if (LOCAL_LIMITS.has(code)) {
    return {
      subject: endpoint,
      reason: 'local-limit' as const,
      message: `Whether ${endpoint} accepts connections is not known: this machine could not open one (${code}).`,
      evidence: evidenceOf(seen, attempt),
    };
  }
  if (isBeforeInit(context) && (!isNotTls(attempt) || awaitsProof(context))) {
    return {
      subject: endpoint,
      reason: 'not-yet-served' as const,
      message: `No API server answers at ${endpoint} yet, as is normal before the first kubeadm init.`,
      evidence: evidenceOf(seen, attempt),
    };
  }
  return isSlow(attempt) ? handshakeTimedOut(seen, attempt) : broken(seen, attempt);
}

/** The one that says most: one that may yet work over an answer that is wrong, that over a refusal, a refusal over silence. */
function worst(failed: readonly EndpointAttempt[]): EndpointAttempt | undefined {
  return (
    failed.find(isSlow) ??
    failed.find(({ tls }) => tls !== null) ??
    failed.find(({ connect }) => connect === 'ECONNREFUSED') ??
    failed[0]
  );
}

/** Nobody has started the cluster, as far as the plan and the other nodes tell: an endpoint that nothing serves yet is as it should be. */
function isBeforeInit(context: JudgeContext): boolean {
  const { node, plan } = context;
  const joins = plan.join !== null || (node.roles.includes('worker') && !node.roles.includes('control-plane'));
  return node.stage === 'fresh' && (!joins || awaitsProof(context));
}

/** The control planes take part, and none has been set up: a listener of ours, opened for whatever run, may be what answers without TLS. */
function awaitsProof({ plan, nodes = [] }: JudgeContext): boolean {
  return nodes.length > 1 && holdersBehind(nodes, plan).length > 0;
}

export function broken(seen: EndpointSeen, attempt: EndpointAttempt) {
  const { endpoint } = seen;
  const { address, connect, tls } = attempt;
  const { reason, message, text } = failure(endpoint, address, connect, tls, isNotTls(attempt));
  return {
    subject: endpoint,
    reason,
    message,
    why: WHY_ENDPOINT,
    expected: 'an API server that accepts connections and speaks TLS',
    actual: `${tls ?? connect} from ${address}`,
    evidence: evidenceOf(seen, attempt),
    remedy: { text },
  };
}

function evidenceOf({ attempts }: EndpointSeen, { address, connect, tls }: EndpointAttempt) {
  return {
    address,
    code: tls ?? connect,
    tried: attempts.map((each) => ({ address: each.address, code: each.tls ?? each.connect })),
  };
}

export function handshakeTimedOut({ endpoint }: EndpointSeen, { address, tls }: EndpointAttempt) {
  return {
    subject: endpoint,
    reason: 'handshake-timed-out' as const,
    message: `${endpoint} (${address}) accepts connections, and did not get through the TLS handshake in time: it is slow, or nothing is behind it. A longer --timeout tells.`,
    evidence: { address, code: tls },
  };
}

function failure(endpoint: string, address: string, connect: string, tls: string | null, notTls: boolean) {
  if (notTls) {
    return {
      reason: 'not-tls' as const,
      message: `What answers at ${endpoint} (${address}) does not speak TLS, so it is no API server.`,
      text: 'Point the endpoint to the API server; a load balancer in front of it must pass TCP through unchanged.',
    };
  }
  if (tls !== null) {
    return {
      reason: 'handshake-failed' as const,
      message: `${endpoint} (${address}) accepts connections, and the TLS handshake fails (${tls}).`,
      text: 'A load balancer that accepts and then closes has no healthy control plane behind it: look at its backends and at the API servers.',
    };
  }
  if (connect === 'ECONNREFUSED') {
    return {
      reason: 'refused' as const,
      message: `${endpoint} (${address}) refuses connections: nothing listens there, or a firewall rejects.`,
      text: 'See on the control plane that the API server runs and listens on this port, and that the firewall in front of it lets this machine in.',
    };
  }
  if (connect === 'ETIMEDOUT') {
    return {
      reason: 'timed-out' as const,
      message: `${endpoint} (${address}) does not answer: the packets are lost on the way there or back.`,
      text: 'Open the port for this machine in the firewalls and security groups between it and the control plane, and see that the address is right.',
    };
  }
  return {
    reason: 'unreachable' as const,
    message: `This machine cannot send to ${endpoint} (${address}): ${connect}.`,
    text: 'See that this machine has a route to the address, and that the host there is up.',
  };
}
