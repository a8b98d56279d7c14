import { test } from 'vitest';
import check from '../../../checks/host/leftovers.ts';
import type { Facts } from '../../../src/evidence/facts.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';

const facts = (differs: Partial<Facts['leftovers']> = {}) => ({
  leftovers: { shown: true, files: [], etcdEntries: 0, reservations: [], interfaces: [], hidden: [], ...differs },
});
const clean = [{ reason: 'clean', status: 'pass' }] as const;
const controlPlane = { roles: ['control-plane'] } as const;
const any = { roles: ['any'] } as const;
const CA = '/etc/kubernetes/pki/ca.crt';
const APISERVER = '/etc/kubernetes/manifests/kube-apiserver.yaml';

testCheck(
  check,
  {
    judge: [
      { name: 'nothing', facts: facts(), expect: clean },
      {
        name: 'files that kubeadm refuses',
        facts: facts({ files: ['/etc/kubernetes/kubelet.conf', CA] }),
        expect: [
          {
            subject: '/etc/kubernetes/kubelet.conf',
            reason: 'refused',
            status: 'fail',
            kubeadm: 'FileAvailable--etc-kubernetes-kubelet.conf',
          },
          { subject: CA, reason: 'refused', status: 'fail', kubeadm: 'FileAvailable--etc-kubernetes-pki-ca.crt' },
        ],
      },
      {
        name: 'the certificate authority of a control plane to be',
        node: controlPlane,
        facts: facts({ files: [CA] }),
        expect: clean,
      },
      {
        name: 'the same on a machine of any role',
        node: any,
        facts: facts({ files: [CA] }),
        expect: [{ reason: 'refused', status: 'warn', was: 'fail', because: 'role-any' }],
      },
      {
        name: 'a manifest, for a control plane',
        node: controlPlane,
        facts: facts({ files: [APISERVER] }),
        expect: [{ reason: 'refused', kubeadm: 'FileAvailable--etc-kubernetes-manifests-kube-apiserver.yaml' }],
      },
      {
        name: 'a manifest, for a worker',
        facts: facts({ files: [APISERVER] }),
        expect: [{ subject: 'files', reason: 'leftover', status: 'warn' }],
      },
      {
        name: 'a file where etcd’s directory is to be',
        node: controlPlane,
        facts: facts({ etcdEntries: null }),
        expect: [
          {
            subject: '/var/lib/etcd',
            reason: 'refused',
            actual: 'no directory',
            kubeadm: 'DirAvailable--var-lib-etcd',
          },
        ],
      },
      { name: 'the same on a worker', facts: facts({ etcdEntries: null }), expect: clean },
      {
        name: 'etcd’s data',
        node: controlPlane,
        facts: facts({ etcdEntries: 1 }),
        plan: { etcdDataDir: '/srv/my etcd' },
        expect: [
          {
            subject: '/srv/my etcd',
            reason: 'refused',
            status: 'fail',
            kubeadm: 'DirAvailable--srv-my etcd',
            remedy: {
              text: 'Move the old data away. Where the directory is a file system of its own, lost+found counts too: name a directory below it as etcd.local.dataDir.',
              commands: ["mv '/srv/my etcd' '/srv/my etcd.old'"],
            },
          },
        ],
      },
      { name: 'etcd’s data on a worker', facts: facts({ etcdEntries: 1 }), expect: clean },
      {
        name: 'etcd’s data beside an external etcd',
        node: controlPlane,
        facts: facts({ etcdEntries: 1 }),
        plan: { etcd: 'external' },
        expect: clean,
      },
      {
        name: 'ignored by kubeadm’s name',
        node: controlPlane,
        facts: facts({ etcdEntries: 1 }),
        plan: { ignorePreflightErrors: ['diravailable--var-lib-etcd'] },
        expect: [{ reason: 'refused', status: 'warn', because: 'ignore-preflight-errors' }],
      },
      {
        name: 'what kubeadm does not look at',
        facts: facts({
          files: ['/var/lib/kubelet/pki'],
          reservations: [
            { network: 'cbr0', addresses: 3 },
            { network: 'podman', addresses: 1 },
          ],
          interfaces: ['cni0', 'flannel.1'],
        }),
        expect: [
          { subject: 'files', reason: 'leftover', status: 'warn' },
          { subject: '/var/lib/cni/networks/cbr0', reason: 'leftover', actual: '3' },
          {
            subject: 'interfaces',
            reason: 'leftover',
            remedy: {
              text: 'Delete them; a reboot does so too, once nothing makes them again.',
              commands: ['ip link delete cni0', 'ip link delete flannel.1'],
            },
          },
        ],
      },
      {
        name: 'without root',
        facts: facts({ hidden: ['/var/lib/etcd', '/var/lib/kubelet/pki'] }),
        expect: [{ reason: 'hidden', status: 'unknown', evidence: { paths: ['/var/lib/kubelet/pki'] } }],
      },
      {
        name: 'a directory without /etc',
        facts: facts({ shown: false }),
        expect: [{ reason: 'not-shown', status: 'skip' }],
      },
      { name: 'what is hidden matters to no worker', facts: facts({ hidden: ['/var/lib/etcd'] }), expect: clean },
    ],
  },
  test,
);
