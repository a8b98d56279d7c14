import { test } from 'vitest';
import check from '../../../checks/kernel/version.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import type { Settings } from '../../../src/plan/settings.ts';

const facts = (release: string) => ({ kernel: { release, machine: 'x86_64' } });
const version = (kubernetesVersion: string, plan: Partial<Settings> = {}) => ({
  node: { kubernetesVersion, versionFrom: 'said' as const },
  plan,
});

testCheck(
  check,
  {
    judge: [
      {
        name: 'a disk',
        facts: { kernel: { release: '', machine: null, shown: false } },
        expect: [{ reason: 'not-shown', status: 'skip' }],
      },
      { name: 'Debian 12', facts: facts('6.1.0-28-amd64'), expect: [{ reason: 'supported', status: 'pass' }] },
      { name: 'Ubuntu 22.04', facts: facts('5.15.0-130-generic'), expect: [{ reason: 'supported' }] },
      {
        name: 'RHEL 9 is fine, though kubeadm warns',
        facts: facts('5.14.0-503.11.1.el9_5.x86_64'),
        expect: [{ reason: 'vendor-kernel', status: 'pass' }],
      },
      {
        name: 'RHEL 8 with a new Kubernetes',
        facts: facts('4.18.0-553.el8_10.x86_64'),
        expect: [{ reason: 'older', status: 'warn', expected: '5.4 or later' }],
      },
      {
        name: 'RHEL 8, and kubeadm of 1.33 refuses',
        facts: facts('4.18.0-553.el8_10.x86_64'),
        ...version('1.33'),
        expect: [{ reason: 'too-old', status: 'fail', kubeadm: 'SystemVerification', expected: '4.19 or later' }],
      },
      {
        name: 'RHEL 8 with 1.31',
        facts: facts('4.18.0-553.el8_10.x86_64'),
        ...version('1.31'),
        expect: [{ reason: 'supported' }],
      },
      {
        name: 'RHEL 8 with the kubelet of 1.30 installed, and nobody said otherwise',
        facts: facts('4.18.0-553.el8_10.x86_64'),
        node: { kubernetesVersion: '1.30', versionFrom: 'kubelet' },
        expect: [
          { reason: 'supported', message: 'The kernel 4.18.0-553.el8_10.x86_64 is new enough for Kubernetes 1.30.' },
        ],
      },
      {
        name: 'a node that runs 1.33 with it already',
        facts: facts('4.18.0-553.el8_10.x86_64'),
        node: { stage: 'joined', kubernetesVersion: '1.33', versionFrom: 'kube-apiserver' },
        expect: [{ reason: 'older', status: 'warn' }],
      },
      {
        name: 'a joined node whose version does not show',
        facts: facts('4.18.0-553.el8_10.x86_64'),
        node: { stage: 'joined' },
        expect: [{ reason: 'not-compared', status: 'skip' }],
      },
      {
        name: 'an add-on that names a newer one, of which kubeadm knows nothing',
        facts: facts('5.4.0-200-generic'),
        plan: { cni: 'cilium-vxlan', ignorePreflightErrors: ['SystemVerification'] },
        expect: [
          { reason: 'supported' },
          { subject: 'cilium-vxlan', reason: 'too-old', status: 'fail', expected: '5.10 or later' },
        ],
      },
      {
        name: 'Cilium takes RHEL 8.10',
        facts: facts('4.18.0-553.el8_10.x86_64'),
        ...version('1.31', { cni: 'cilium-vxlan' }),
        expect: [{ reason: 'supported' }],
      },
      {
        name: 'others may, and nobody but they can tell',
        facts: facts('4.18.0-553.el8_10.x86_64'),
        ...version('1.31', { cni: 'calico-vxlan' }),
        expect: [{ reason: 'supported' }, { subject: 'calico-vxlan', reason: 'older', status: 'warn' }],
      },
      {
        name: 'nftables mode before 5.13',
        facts: facts('5.10.0-33-amd64'),
        plan: { proxyMode: 'nftables' },
        expect: [{ reason: 'supported' }, { subject: 'kube-proxy', reason: 'too-old' }],
      },
      {
        name: 'nftables mode on RHEL 9',
        facts: facts('5.14.0-503.11.1.el9_5.x86_64'),
        plan: { proxyMode: 'nftables' },
        expect: [{ reason: 'vendor-kernel' }],
      },
      { name: 'no version', facts: facts('mainline'), expect: [{ reason: 'unparsable', status: 'unknown' }] },
    ],
  },
  test,
);
