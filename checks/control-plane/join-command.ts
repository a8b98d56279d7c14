import { defineCheck } from '../../src/judging/define-check.ts';
import {
  advertisedServer,
  NOT_AN_API_SERVER,
  server,
  type ClusterInfoSeen,
} from '../../src/judging/control-plane/join-server.ts';
import type { JoinCommand } from '../../src/plan/settings.ts';

const NEW_LINE = 'kubeadm token create --print-join-command';

export default defineCheck({
  id: 'control-plane/join-command',
  title: 'the pasted kubeadm join would be let in',
  docs: 'https://kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-join/#token-based-discovery-with-ca-pinning',
  kubeadm: [],
  stages: ['fresh'],
  requires: ['join'],
  reasons: {
    'pin-matches': 'pass',
    'server-verified': 'pass',
    'token-signed': 'pass',
    unpinned: 'warn',
    'token-withheld': 'skip',
    'not-observed': 'unknown',
    unreachable: 'unknown',
    unavailable: 'unknown',
    'server-unverified': 'unknown',
    'not-an-api-server': 'fail',
    'no-cluster-info': 'fail',
    'pin-missing': 'fail',
    'pin-mismatch': 'fail',
    'server-unresolved': 'fail',
    'server-unreachable': 'fail',
    'server-mismatch': 'fail',
    'name-mismatch': 'fail',
    'certificate-expired': 'fail',
    'certificate-not-yet-valid': 'fail',
    'token-rejected': 'fail',
  },
  needs: ['clusterInfo'],
  wants: [],
  judge({ clusterInfo: seen }, { plan: { join } }) {
    if (seen === null || join === null || seen.endpoint !== join.endpoint) {
      return [
        {
          subject: 'cluster-info',
          reason: 'not-observed' as const,
          message: 'The saved facts were taken without this join line, so nothing is known of it.',
        },
      ];
    }
    // That needs no cluster to be known.
    const unpinned = join.caCertHashes.length === 0 ? [withoutPin(join)] : [];
    if (seen.content !== 'cluster-info') return [...unpinned, withoutClusterInfo(seen)];
    // A CA that is not the pinned one is another cluster's, as a rule: what that one says of the token means nothing.
    if (seen.pinMatches === false) return [pinMismatch(seen, join)];
    return [...unpinned, ...pin(seen), ...server(seen), ...advertisedServer(seen), token(seen)];
  },
});

function withoutClusterInfo({ endpoint, request, status, content }: ClusterInfoSeen) {
  const evidence = { code: request, status };
  const common = { subject: 'cluster-info', evidence };
  if (NOT_AN_API_SERVER.includes(request) || (status !== null && status >= 300 && status < 400)) {
    return {
      ...common,
      reason: 'not-an-api-server' as const,
      message: `What answers at ${endpoint} is no API server.`,
      expected: 'HTTPS, and status 200 for the ConfigMap cluster-info',
      actual: status === null ? request : `HTTP ${status}, a redirect`,
      remedy: {
        text: 'See that HOST:PORT of the line is the API server, or a load balancer that passes TCP to it unchanged.',
      },
    };
  }
  if (status === null) {
    return {
      ...common,
      reason: 'unreachable' as const,
      message: `${endpoint} could not be asked (${request}), so nothing of the line could be verified; control-plane/endpoint says more.`,
    };
  }
  if (content === null && (status === 429 || status >= 500)) {
    return {
      ...common,
      reason: 'unavailable' as const,
      message: `The API server at ${endpoint} answers HTTP ${status}: it is not ready or overloaded, and could not be asked.`,
    };
  }
  return {
    ...common,
    reason: 'no-cluster-info' as const,
    message: `${endpoint} does not show the ConfigMap cluster-info in kube-public to someone who wants to join.`,
    why: 'kubeadm join reads it, without credentials, before anything else',
    expected: 'status 200 and a kubeconfig with the CA',
    actual: content === null ? `HTTP ${status}` : 'an answer without it',
    remedy: {
      text: 'On a control plane, make it and its RBAC rule anew; anonymous requests must be allowed to read it.',
      commands: ['kubeadm init phase bootstrap-token'],
    },
  };
}

function pinMismatch({ endpoint, caPins, tokenSignature }: ClusterInfoSeen, { caCertHashes }: JoinCommand) {
  const same = tokenSignature === 'valid';
  return {
    subject: 'CA',
    reason: 'pin-mismatch' as const,
    message: same
      ? `The cluster at ${endpoint} knows the token, and its CA is not the one whose hash the line holds.`
      : `The CA of the cluster at ${endpoint} is not the one whose hash the line holds: the line is of another cluster, or somebody stands in between.`,
    why: 'kubeadm join refuses it',
    expected: caCertHashes.join(' or '),
    actual: caPins.join(', ') || 'no CA that can be read',
    evidence: { caPins, tokenSignature },
    remedy: {
      text: 'Print a new line on a control plane of the cluster that is meant, and use that.',
      commands: [NEW_LINE],
    },
  };
}

function pin({ endpoint, caPins, pinMatches }: ClusterInfoSeen) {
  return pinMatches === true
    ? [
        {
          subject: 'CA',
          reason: 'pin-matches' as const,
          message: `The CA of the cluster at ${endpoint} is the one whose hash the line holds.`,
          evidence: { caPins },
        },
      ]
    : [];
}

function withoutPin({ unsafeSkipCaVerification }: JoinCommand) {
  const common = {
    subject: 'CA',
    expected: '--discovery-token-ca-cert-hash',
    actual: 'none',
    remedy: { text: 'Print the whole line on a control plane and use that.', commands: [NEW_LINE] },
  };
  return unsafeSkipCaVerification
    ? {
        ...common,
        reason: 'unpinned' as const,
        message: 'The line turns off the verification of the CA: whoever holds the token can pass for the cluster.',
      }
    : {
        ...common,
        reason: 'pin-missing' as const,
        message: 'The line has no --discovery-token-ca-cert-hash, and kubeadm join refuses it without.',
      };
}

function token({ endpoint, tokenSignature }: ClusterInfoSeen) {
  const common = { subject: 'token', evidence: { tokenSignature } };
  if (tokenSignature === null) {
    return {
      ...common,
      reason: 'token-withheld' as const,
      message: 'The line came without its token, so that was not verified.',
    };
  }
  if (tokenSignature === 'valid') {
    return { ...common, reason: 'token-signed' as const, message: `The cluster at ${endpoint} knows the token.` };
  }
  return {
    ...common,
    reason: 'token-rejected' as const,
    message:
      tokenSignature === 'absent'
        ? `The cluster at ${endpoint} does not know the token: it expired (after 24 hours unless made otherwise), was deleted, or is of another cluster.`
        : `The cluster at ${endpoint} knows a token of this id with another secret: the token was mistyped or cut.`,
    why: 'kubeadm join waits for the signature of its token and gives up',
    expected: 'cluster-info signed with the token',
    actual: tokenSignature === 'absent' ? 'no signature of this token' : 'a signature of another secret',
    remedy: { text: 'Make a new token on a control plane, and use the line that this prints.', commands: [NEW_LINE] },
  };
}
