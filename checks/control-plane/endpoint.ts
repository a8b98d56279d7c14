import { defineCheck } from '../../src/judging/define-check.ts';
import type { ComparedNode, FactsOf, JudgeContext } from '../../src/engine/check.ts';
import type { EndpointRequest, Probed, SenderSaw } from '../../src/evidence/probes.ts';
import { holdersBehind, whatWasSeen, type Behind } from '../../src/judging/endpoint-proof.ts';
import { roundedTimes } from '../../src/judging/rounded-times.ts';
import type { Settings } from '../../src/plan/settings.ts';
import { validityAt } from '../../src/values/certificate.ts';
import { parseEndpoint } from '../../src/values/endpoint.ts';
import { canonicalIp } from '../../src/values/ip.ts';
import { shellQuote } from '../../src/values/shell.ts';

type Seen = NonNullable<FactsOf<'controlPlaneEndpoint', never>['controlPlaneEndpoint']>;
type Attempt = Seen['attempts'][number];

/** The resolver answered, and the name has no address; with any other code it could not be asked, and nothing is known of the name. */
const NO_ADDRESS = ['resolved', 'ENOTFOUND', 'ENODATA'];
/** This machine has no such family or no route of it; where another address works that is no fault. */
const NO_SUCH_FAMILY = ['ENETUNREACH', 'EAFNOSUPPORT', 'EADDRNOTAVAIL'];
/** Limits of this machine: they say nothing of the endpoint. */
const LOCAL_LIMITS = ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL', 'EAGAIN'];
/** What OpenSSL says of bytes that are no TLS, an HTTP answer for one. */
const NOT_TLS = ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'ERR_SSL_HTTP_REQUEST', 'EPROTO'];

const why = 'every kubelet, and kubeadm join itself, reaches the API server there';

export default defineCheck({
  id: 'control-plane/endpoint',
  title: 'the control-plane endpoint resolves, accepts connections and speaks TLS',
  docs: 'https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  requires: ['controlPlaneEndpoint'],
  reasons: {
    reachable: 'pass',
    'certificate-valid': 'pass',
    proved: 'pass',
    'partly-reachable': 'warn',
    'not-yet-served': 'skip',
    unproved: 'warn',
    untried: 'unknown',
    'not-observed': 'unknown',
    'resolver-silent': 'unknown',
    'local-limit': 'unknown',
    'handshake-timed-out': 'unknown',
    stranger: 'unknown',
    unresolved: 'fail',
    refused: 'fail',
    'timed-out': 'fail',
    unreachable: 'fail',
    'not-tls': 'fail',
    'handshake-failed': 'fail',
    'certificate-expired': 'fail',
    'certificate-not-yet-valid': 'fail',
    'name-mismatch': 'fail',
  },
  needs: ['controlPlaneEndpoint'],
  wants: [],
  judge({ controlPlaneEndpoint: seen }, context) {
    if (seen === null || seen.endpoint !== context.plan.controlPlaneEndpoint) {
      return [
        {
          subject: 'endpoint',
          reason: 'not-observed' as const,
          message: 'The saved facts were taken without this endpoint, so nothing is known of it.',
        },
      ];
    }
    if (seen.resolve !== 'resolved') return [unresolved(seen)];
    const working = seen.attempts.filter(({ tls }) => tls === 'done');
    const failed = seen.attempts.filter((attempt) => !working.includes(attempt));
    const [first] = failed;
    if (working.length === 0)
      return [first === undefined ? unresolved(seen) : unreachable(seen, worst(failed) ?? first, context)];
    const slow = failed.filter(isSlow);
    const broken = failed.filter((attempt) => !isSlow(attempt));
    return [
      reachable(seen, working, broken),
      ...slow.map((attempt) => handshakeTimedOut(seen, attempt)),
      ...certificates(seen, working),
    ];
  },
  probes(nodes, { plan }) {
    const members = nodes.map(({ node }) => node);
    return sendersOf(nodes).flatMap((from) => requestsOf(from, holdersBehind(members, plan), plan));
  },
  compare(nodes, { plan, probed }) {
    const members = nodes.map(({ node }) => node);
    const asked = probed.filter((each) => each.kind === 'endpoint');
    return sendersOf(nodes)
      .flatMap((from) => requestsOf(from, holdersBehind(members, plan), plan).map((request) => ({ from, request })))
      .map(({ from, request }) => {
        const isSame = (each: EndpointRequest) => each.from === request.from && each.address === request.address;
        return proofOf(
          from,
          request,
          asked.find((each) => isSame(each.request)),
        );
      })
      .filter((finding) => finding !== null);
  },
});

type Compared = ComparedNode<'controlPlaneEndpoint', never>;

/** This machine, or every node where it is none of them. */
function sendersOf(nodes: readonly Compared[]): readonly Compared[] {
  const here = nodes.filter(({ node }) => node.self);
  return here.length > 0 ? here : nodes;
}

/** To each address of the endpoint, unless an API server answers there already. */
function requestsOf({ node, facts }: Compared, behind: Behind, plan: Settings): EndpointRequest[] {
  const seen = facts.controlPlaneEndpoint;
  const endpoint = parseEndpoint(plan.controlPlaneEndpoint ?? '', plan.apiServerPort);
  if (seen === null || endpoint === null || seen.endpoint !== plan.controlPlaneEndpoint || behind.length === 0)
    return [];
  if (seen.attempts.some(({ tls }) => tls === 'done')) return [];
  return seen.attempts
    .filter(({ connect }) => !NO_SUCH_FAMILY.includes(connect))
    .map(({ address }) => ({ kind: 'endpoint', from: node.name, address, port: endpoint.port, behind }));
}

/** What our nonce through the endpoint proves. Nothing but the proof itself counts: a load balancer may rightly take a listener that speaks no TLS for dead. */
function proofOf(
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
  if (result === null || (errno !== null && LOCAL_LIMITS.includes(errno))) {
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
function unproved({ endpoint }: Seen, address: string, behind: Behind, sender: SenderSaw) {
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

/** It accepts connections and may be an API server that has much to do. */
function isSlow({ tls }: Attempt): boolean {
  return tls === 'ETIMEDOUT';
}

/** The one that says most: one that may yet work over an answer that is wrong, that over a refusal, a refusal over silence. */
function worst(failed: readonly Attempt[]): Attempt | undefined {
  return (
    failed.find(isSlow) ??
    failed.find(({ tls }) => tls !== null) ??
    failed.find(({ connect }) => connect === 'ECONNREFUSED') ??
    failed[0]
  );
}

function hostOf({ endpoint }: Seen): string {
  return parseEndpoint(endpoint, 6443)?.host ?? endpoint;
}

function unresolved(seen: Seen) {
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
    why,
    expected: 'an address',
    actual: resolve === 'resolved' ? 'no address' : resolve,
    evidence: { code: resolve },
    remedy: {
      text: `Give ${host} an address in DNS, or in /etc/hosts of every node; or name another endpoint.`,
      commands: [`getent ahosts ${shellQuote(host)}`],
    },
  };
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

function isNotTls({ tls }: Attempt): boolean {
  return tls !== null && NOT_TLS.includes(tls);
}

function unreachable(seen: Seen, attempt: Attempt, context: JudgeContext) {
  const { endpoint } = seen;
  const { connect, tls } = attempt;
  const code = tls ?? connect;
  if (LOCAL_LIMITS.includes(code)) {
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

function evidenceOf({ attempts }: Seen, { address, connect, tls }: Attempt) {
  return {
    address,
    code: tls ?? connect,
    tried: attempts.map((each) => ({ address: each.address, code: each.tls ?? each.connect })),
  };
}

function broken(seen: Seen, attempt: Attempt) {
  const { endpoint } = seen;
  const { address, connect, tls } = attempt;
  const { reason, message, text } = failure(endpoint, address, connect, tls, isNotTls(attempt));
  return {
    subject: endpoint,
    reason,
    message,
    why,
    expected: 'an API server that accepts connections and speaks TLS',
    actual: `${tls ?? connect} from ${address}`,
    evidence: evidenceOf(seen, attempt),
    remedy: { text },
  };
}

function handshakeTimedOut({ endpoint }: Seen, { address, tls }: Attempt) {
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

function reachable({ endpoint, attempts }: Seen, working: readonly Attempt[], failed: readonly Attempt[]) {
  const addresses = working.map(({ address }) => address);
  const lost = failed.filter(({ connect }) => !NO_SUCH_FAMILY.includes(connect) && !LOCAL_LIMITS.includes(connect));
  if (lost.length === 0) {
    return {
      subject: endpoint,
      reason: 'reachable' as const,
      message: `${endpoint} accepts connections and speaks TLS.`,
      evidence: { addresses },
    };
  }
  const listed = lost.map(({ address, connect, tls }) => `${address} (${tls ?? connect})`).join(', ');
  return {
    subject: endpoint,
    reason: 'partly-reachable' as const,
    message: `${lost.length} of ${attempts.length} addresses of ${endpoint} do not answer as an API server does.`,
    why: 'clients that try such an address first wait or fail',
    expected: 'every address answers',
    actual: listed,
    evidence: { addresses, lost: lost.map(({ address, connect, tls }) => ({ address, code: tls ?? connect })) },
    remedy: { text: `Bring back what should serve ${listed}, or take these addresses out of the name.` },
  };
}

function certificates(seen: Seen, working: readonly Attempt[]) {
  const shown = new Map(working.map((attempt) => [JSON.stringify(attempt.certificate), attempt]));
  return [...shown.values()].map((attempt) => certificate(seen, attempt));
}

function certificate(seen: Seen, { address, certificate: leaf, namesHost }: Attempt) {
  const { observedAt } = seen;
  const host = hostOf(seen);
  const subject = `certificate of ${address}`;
  if (leaf === null) {
    return {
      subject,
      reason: 'not-observed' as const,
      message: `${address} speaks TLS and showed no certificate that can be read.`,
    };
  }
  const validity = validityAt(leaf, observedAt);
  const evidence = { ...leaf, observedAt };
  if (validity === 'expired') {
    return {
      subject,
      reason: 'certificate-expired' as const,
      message: `The certificate of the API server at ${address} expired.`,
      why,
      expected: `valid at ${observedAt}`,
      actual: `valid until ${leaf.notAfter}`,
      evidence,
      remedy: {
        text: 'If the clock of this machine is right, renew the certificates on that control plane and restart its static pods.',
        commands: ['kubeadm certs renew all'],
      },
    };
  }
  if (validity === 'not-yet-valid') {
    return {
      subject,
      reason: 'certificate-not-yet-valid' as const,
      message: `The certificate of the API server at ${address} is not valid yet: most likely the clock of this machine is behind.`,
      why,
      expected: `valid at ${observedAt}`,
      actual: `valid from ${leaf.notBefore}`,
      evidence,
      remedy: {
        text: 'Set the clock of this machine and keep it disciplined.',
        commands: ['timedatectl set-ntp true'],
      },
    };
  }
  if (namesHost === false) {
    return {
      subject,
      reason: 'name-mismatch' as const,
      message: `The certificate of the API server at ${address} is not for ${host}.`,
      why: 'clients refuse a server whose certificate does not name it',
      expected: host,
      actual: leaf.names.join(', ') || 'no names',
      evidence,
      remedy: {
        text: `Use a name of the certificate as endpoint, or add ${host} to apiServer.certSANs and make the certificate anew on the control planes.`,
      },
    };
  }
  return {
    subject,
    reason: 'certificate-valid' as const,
    message: `The API server at ${address} shows a certificate for ${host} that is valid now.`,
    evidence,
  };
}
