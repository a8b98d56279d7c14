import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import check from '../../../checks/network/proxy.ts';
import { DEFAULTS } from '../../../src/plan/defaults.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import { lo, nic, via } from './facts.ts';

const facts = (process: Record<string, string>, file: Record<string, string> = {}) => ({
  proxyEnvironment: { process, file },
  interfaces: { value: { interfaces: [lo, nic('eth0', '10.0.0.12/24')] } },
  routes: { value: { routes: [via('10.0.0.1', 'eth0')] } },
});
const HTTPS_PROXY = 'http://proxy:3128';

testCheck(
  check,
  {
    judge: [
      { name: 'none', facts: facts({}), expect: [{ reason: 'no-proxy', status: 'pass' }] },
      { name: 'NO_PROXY alone', facts: facts({ NO_PROXY: 'x' }), expect: [{ reason: 'no-proxy' }] },
      {
        name: 'the address of the node',
        facts: facts({ HTTPS_PROXY }),
        expect: [
          { reason: 'proxied', status: 'warn', subject: '10.0.0.12', kubeadm: 'HTTPProxy', actual: HTTPS_PROXY },
        ],
      },
      {
        name: 'endpoint and networks',
        facts: facts({ HTTPS_PROXY, NO_PROXY: '10.0.0.0/24' }),
        plan: {
          controlPlaneEndpoint: 'k8s.example.org:6443',
          podCidr: ['10.244.0.0/16'],
          serviceCidr: ['10.96.0.0/12'],
        },
        expect: [
          { subject: 'k8s.example.org', kubeadm: 'HTTPProxy' },
          { subject: '10.244.0.0/16', kubeadm: 'HTTPProxyCIDR' },
          { subject: '10.96.0.0/12', kubeadm: 'HTTPProxyCIDR' },
        ],
      },
      {
        name: 'all excepted',
        facts: facts({ https_proxy: HTTPS_PROXY, no_proxy: '.example.org,10.0.0.0/8' }),
        plan: { controlPlaneEndpoint: 'k8s.example.org:6443', podCidr: ['10.244.0.0/16'] },
        expect: [{ reason: 'direct', status: 'pass' }],
      },
      { name: 'for plain HTTP alone', facts: facts({ HTTP_PROXY: HTTPS_PROXY }), expect: [{ reason: 'direct' }] },
      {
        name: 'of a login',
        facts: facts({}, { HTTPS_PROXY }),
        expect: [
          {
            reason: 'proxied',
            message: `Connections to 10.0.0.12 would go through the proxy ${HTTPS_PROXY}, which /etc/environment sets.`,
          },
        ],
      },
    ],
  },
  test,
);

/** Both lines of the remedy pasted into a shell that has an older NO_PROXY, over a file without a last newline. */
test('what the remedy leaves behind', () => {
  const directory = mkdtempSync(join(tmpdir(), 'seaworthy-'));
  try {
    const file = join(directory, 'environment');
    writeFileSync(file, 'LANG=C');
    const node = {
      name: 'w1',
      self: true,
      roles: ['worker'],
      stage: 'fresh',
      kubernetesVersion: '1.36',
      versionFrom: 'default',
      addresses: [],
    } as const;
    const [finding] = check.judge?.(facts({ HTTPS_PROXY, NO_PROXY: 'old' }), { node, plan: DEFAULTS }) ?? [];
    const lines = (finding?.remedy?.commands ?? []).map((line) => line.replace('/etc/environment', file));
    const env = { NO_PROXY: 'old' };
    const shown = execFileSync('/bin/sh', ['-c', [...lines, 'echo "$no_proxy"'].join('\n')], { env, encoding: 'utf8' });
    expect(shown).toBe('old,10.0.0.12\n');
    expect(readFileSync(file, 'utf8')).toBe('LANG=C\nNO_PROXY=old,10.0.0.12\nno_proxy=old,10.0.0.12\n');
  } finally {
    rmSync(directory, { recursive: true });
  }
});
