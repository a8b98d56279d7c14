import { test } from 'vitest';
import check from '../../../checks/host/kubelet.ts';
import type { Facts } from '../../../src/evidence/facts.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';

type Kubelet = Facts['kubelet'];

const program = (version: string | null) => ({ path: '/usr/bin/kubelet', version, problem: null });
const ABSENT = { path: null, version: null, problem: null };
const UNIT = { present: true, masked: false, enabled: true, configured: true };
const facts = (differs: Partial<Kubelet> = {}, running: readonly string[] | null = []) => ({
  kubelet: { kubelet: program('1.36.2'), kubeadm: ABSENT, unit: UNIT, otherProcesses: 'shown' as const, ...differs },
  processes:
    running === null
      ? { unread: 'missing' as const, detail: '' }
      : { value: { running: running.map((name, index) => ({ name, pid: 100 + index })) } },
});
const said = (kubernetesVersion: string) => ({ kubernetesVersion, versionFrom: 'said' as const });
const joined = { stage: 'joined' } as const;
const enabled = { reason: 'enabled', status: 'pass' } as const;
const broken = (kind: 'failed' | 'unread') => ({
  path: '/usr/bin/kubelet',
  version: null,
  problem: { kind, detail: 'why' },
});

testCheck(
  check,
  {
    judge: [
      {
        name: 'fresh, nothing to compare with',
        facts: facts(),
        expect: [{ reason: 'installed', status: 'pass' }, enabled],
      },
      {
        name: 'the version that was said',
        facts: facts(),
        node: said('1.36'),
        expect: [{ reason: 'compatible', status: 'pass' }, enabled],
      },
      {
        name: 'as old as allowed',
        facts: facts({ kubelet: program('1.33.9') }),
        node: said('1.36'),
        expect: [{ reason: 'compatible' }, enabled],
      },
      {
        name: 'older',
        facts: facts({ kubelet: program('1.32.9') }),
        node: said('1.36'),
        expect: [{ reason: 'too-old', status: 'fail', kubeadm: 'KubeletVersion', actual: '1.32.9' }, enabled],
      },
      {
        name: 'older, with an old control plane',
        facts: facts({ kubelet: program('1.24.0') }),
        node: said('1.27'),
        expect: [{ reason: 'too-old' }, enabled],
      },
      {
        name: 'newer than kubeadm beside it',
        facts: facts({ kubelet: program('1.37.0') }),
        node: { kubernetesVersion: '1.36', versionFrom: 'kubeadm' },
        expect: [{ reason: 'too-new', status: 'fail', expected: '1.36, or up to 3 minor versions older' }, enabled],
      },
      {
        name: 'newer than the API server on the same node',
        facts: facts({ kubelet: program('1.37.0') }, ['kubelet']),
        node: { ...joined, kubernetesVersion: '1.36', versionFrom: 'kube-apiserver' },
        expect: [{ reason: 'too-new', status: 'fail' }, enabled, { reason: 'running' }],
      },
      {
        name: 'nothing but the kubelet tells the version',
        facts: facts({ kubelet: program('1.37.0') }),
        node: { kubernetesVersion: '1.37', versionFrom: 'kubelet' },
        expect: [{ reason: 'installed', status: 'pass' }, enabled],
      },
      {
        name: 'newer than the default that nobody said',
        facts: facts({ kubelet: program('1.39.0') }),
        expect: [{ reason: 'installed', status: 'pass' }, enabled],
      },
      {
        name: 'not installed',
        facts: facts({ kubelet: ABSENT, unit: { ...UNIT, present: false } }),
        expect: [
          { reason: 'missing', status: 'fail', kubeadm: 'KubeletVersion' },
          { reason: 'unit-missing', status: 'warn', kubeadm: 'Service-Kubelet' },
        ],
      },
      {
        name: 'cannot run',
        facts: facts({ kubelet: broken('failed') }),
        expect: [{ reason: 'broken', status: 'fail' }, enabled],
      },
      {
        name: 'was not asked to the end',
        facts: facts({ kubelet: broken('unread') }),
        expect: [{ reason: 'version-unread', status: 'unknown' }, enabled],
      },
      {
        name: 'a disk',
        facts: facts({ kubelet: program(null), otherProcesses: 'not-recorded' }, null),
        expect: [{ reason: 'not-shown', status: 'skip' }, enabled],
      },
      {
        name: 'a directory without anything',
        node: joined,
        facts: facts({ kubelet: null, kubeadm: null, unit: null, otherProcesses: 'not-recorded' }, null),
        expect: [
          { reason: 'not-shown', status: 'skip' },
          { reason: 'no-systemd', status: 'skip' },
          { reason: 'not-shown', status: 'skip' },
        ],
      },
      {
        name: 'joined and running, from somewhere else',
        node: joined,
        facts: facts({ kubelet: ABSENT, unit: null }, ['containerd', 'kubelet']),
        expect: [
          { reason: 'not-shown' },
          { reason: 'no-systemd' },
          { reason: 'running', status: 'pass', evidence: { pid: 101 } },
        ],
      },
      {
        name: 'joined and stopped',
        node: joined,
        facts: facts({}, ['containerd']),
        expect: [{ reason: 'installed' }, enabled, { reason: 'not-running', status: 'fail' }],
      },
      {
        name: 'joined, and processes are hidden',
        node: joined,
        facts: facts({ otherProcesses: 'hidden' }),
        expect: [{ reason: 'installed' }, enabled, { reason: 'processes-hidden', status: 'unknown' }],
      },
      {
        name: 'not enabled',
        facts: facts({ unit: { ...UNIT, enabled: false } }),
        expect: [{ reason: 'installed' }, { reason: 'not-enabled', status: 'warn', actual: 'not enabled' }],
      },
      {
        name: 'masked',
        facts: facts({ unit: { present: true, masked: true, enabled: true, configured: false } }),
        expect: [{ reason: 'installed' }, { reason: 'not-enabled', actual: 'masked' }],
      },
      {
        name: 'without kubeadm’s drop-in',
        facts: facts({ unit: { ...UNIT, configured: false } }),
        expect: [{ reason: 'installed' }, { reason: 'not-configured', status: 'warn' }],
      },
    ],
  },
  test,
);
