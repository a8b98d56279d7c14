import { test } from 'vitest';
import check from '../../../checks/network/proxy.ts';
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
