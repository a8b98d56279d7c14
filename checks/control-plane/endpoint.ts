import { defineCheck } from '../../src/judging/define-check.ts';
import type { EndpointRequest } from '../../src/evidence/probes.ts';
import { isSlow } from '../../src/judging/control-plane/endpoint-attempt.ts';
import { proofOf, requestsOf, sendersOf } from '../../src/judging/control-plane/endpoint-proof.ts';
import { certificates, reachable } from '../../src/judging/control-plane/endpoint-reached.ts';
import { handshakeTimedOut, unreachable, unresolved } from '../../src/judging/control-plane/endpoint-unreachable.ts';

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
  wants: ['interfaces'],
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
    if (working.length === 0) return [unreachable(seen, failed, context)];
    const slow = failed.filter(isSlow);
    const broken = failed.filter((attempt) => !isSlow(attempt));
    return [
      reachable(seen, working, broken),
      ...slow.map((attempt) => handshakeTimedOut(seen, attempt)),
      ...certificates(seen, working),
    ];
  },
  probes(nodes, { plan }) {
    return sendersOf(nodes).flatMap((from) => requestsOf(from, nodes, plan));
  },
  compare(nodes, { plan, probed }) {
    const asked = probed
      .filter((each) => each.kind === 'endpoint')
      // Of machines that were in no run together nothing was asked.
      .filter(({ reading }) => 'value' in reading || reading.unread !== 'no-peers');
    return sendersOf(nodes)
      .flatMap((from) => requestsOf(from, nodes, plan).map((request) => ({ from, request })))
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
