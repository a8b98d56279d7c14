import { validityAt } from '../../values/certificate.ts';
import { LOCAL_LIMITS } from '../../values/local-limits.ts';
import { hostOf, NO_SUCH_FAMILY, WHY_ENDPOINT, type EndpointAttempt, type EndpointSeen } from './endpoint-attempt.ts';

export function reachable(
  { endpoint, attempts }: EndpointSeen,
  working: readonly EndpointAttempt[],
  failed: readonly EndpointAttempt[],
) {
  const addresses = working.map(({ address }) => address);
  const lost = failed.filter(({ connect }) => !NO_SUCH_FAMILY.includes(connect) && !LOCAL_LIMITS.has(connect));
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

/** Each one once that the addresses show. */
export function certificates(seen: EndpointSeen, working: readonly EndpointAttempt[]) {
  const shown = new Map(working.map((attempt) => [JSON.stringify(attempt.certificate), attempt]));
  return [...shown.values()].map((attempt) => certificate(seen, attempt));
}

function certificate(seen: EndpointSeen, { address, certificate: leaf, namesHost }: EndpointAttempt) {
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
      why: WHY_ENDPOINT,
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
      why: WHY_ENDPOINT,
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
