import type { CheckReport, Finding, Report } from '../../src/report/schema.ts';
import { verdictOf, worst, STATUSES } from '../../src/values/status.ts';

export function finding(over: Partial<Finding> = {}): Finding {
  return {
    check: 'kernel/ip-forward',
    nodes: ['w1'],
    subject: 'net.ipv4.ip_forward',
    status: 'pass',
    reason: 'enabled',
    message: 'IPv4 packets are forwarded.',
    ...over,
  };
}

export const FAILED = finding({
  status: 'fail',
  reason: 'disabled',
  message: 'IPv4 packets are not forwarded.',
  why: 'Packets from and to pods of this node are dropped, while kubectl get nodes says Ready.',
  expected: '1',
  actual: '0, set by /etc/sysctl.d/50-hardening.conf:12',
  kubeadm: 'FileContent--proc-sys-net-ipv4-ip_forward',
  remedy: {
    text: 'Turn it on, now and for every boot.',
    commands: ["echo 'net.ipv4.ip_forward = 1' > /etc/sysctl.d/99-kubernetes.conf", 'sysctl --system'],
  },
});

export function check(id: string, findings: readonly Finding[]): CheckReport {
  return {
    id,
    title: `title of ${id}`,
    category: id.split('/')[0] ?? '',
    status: worst(findings.map(({ status }) => status)),
    durationMs: 1,
    docs: `https://example.org/${id}`,
    findings: findings.map((each) => ({ ...each, check: id })),
  };
}

export function report(checks: readonly CheckReport[], over: Partial<Report> = {}): Report {
  const statuses = checks.map(({ status }) => status);
  const counts = STATUSES.map((status) => [status, statuses.filter((each) => each === status).length]);
  return {
    schema: 'seaworthy.report/v1',
    tool: { name: 'seaworthy', version: '0.0.0-test' },
    run: { id: 'r', command: 'check', startedAt: '2026-01-02T03:04:05.678Z', durationMs: 84 },
    nodes: [node('w1')],
    plan: {
      cni: { value: null, origin: 'default' },
      only: { value: [], origin: 'default' },
    },
    verdict: verdictOf(statuses),
    coverage: { nodes: 1, pairs: 0, pairsTested: 0, pods: 'not-asked' },
    summary: Object.fromEntries(counts),
    checks: [...checks],
    ...over,
  };
}

export function node(name: string, over: Partial<Report['nodes'][number]> = {}): Report['nodes'][number] {
  return {
    name,
    self: true,
    roles: ['worker'],
    stage: 'fresh',
    kubernetesVersion: '1.36',
    versionFrom: 'default',
    addresses: ['10.0.0.12'],
    ...over,
  };
}
