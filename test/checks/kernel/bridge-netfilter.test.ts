import { test } from 'vitest';
import check from '../../../checks/kernel/bridge-netfilter.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import { UNREAD, setBy, sysctls } from './readings.ts';

const V4 = 'net/bridge/bridge-nf-call-iptables';
const V6 = 'net/bridge/bridge-nf-call-ip6tables';
const LOAD = 'echo br_netfilter > /etc/modules-load.d/kubernetes.conf && modprobe br_netfilter';
const SET =
  "printf '%s\\n' '' 'net.bridge.bridge-nf-call-iptables = 1' >> /etc/sysctl.d/90-kubernetes.conf && sysctl -p /etc/sysctl.d/90-kubernetes.conf";

const facts = (values: Record<string, string>, denied: string[] = []) => ({
  sysctls: sysctls(values, denied),
  sysctlFiles: setBy(),
  interfaces: UNREAD,
  kubeletConfig: UNREAD,
});
const flannel = { cni: 'flannel' };

testCheck(
  check,
  {
    judge: [
      {
        name: 'a disk',
        facts: { ...facts({}), sysctls: { values: {}, denied: [], shown: false as const } },
        plan: { cni: 'flannel' },
        expect: [{ reason: 'not-shown', status: 'skip' }],
      },
      { name: 'nobody needs it', facts: facts({}), expect: [{ reason: 'not-needed', status: 'skip' }] },
      {
        name: 'an add-on that does not',
        facts: facts({ [V4]: '0' }),
        plan: { cni: 'cilium-vxlan' },
        expect: [{ reason: 'not-needed', message: 'Neither Kubernetes itself nor Cilium needs it.' }],
      },
      {
        name: 'flannel, and it is there',
        facts: facts({ [V4]: '1', [V6]: '0' }),
        plan: flannel,
        expect: [{ subject: 'net.bridge.bridge-nf-call-iptables', reason: 'enabled', status: 'pass' }],
      },
      {
        name: 'flannel, and it is not loaded',
        facts: facts({}),
        plan: flannel,
        expect: [
          {
            reason: 'missing',
            status: 'fail',
            kubeadm: 'FileContent--proc-sys-net-bridge-bridge-nf-call-iptables',
            remedy: {
              text: 'Load br_netfilter, now and at each boot, and turn the setting on.',
              commands: [LOAD, SET],
            },
          },
        ],
      },
      {
        name: 'flannel, and it is off',
        facts: facts({ [V4]: '0' }),
        node: { stage: 'joined' },
        plan: flannel,
        expect: [
          {
            reason: 'disabled',
            status: 'fail',
            message: 'net.bridge.bridge-nf-call-iptables is 0, and flannel needs 1; no file sets it.',
          },
        ],
      },
      {
        name: 'both families',
        facts: facts({ [V4]: '1' }),
        plan: { ...flannel, podCidr: ['10.244.0.0/16', 'fd00::/56'] },
        expect: [{ reason: 'enabled' }, { subject: 'net.bridge.bridge-nf-call-ip6tables', reason: 'missing' }],
      },
      {
        name: 'kube-router loads it itself',
        facts: facts({}),
        plan: { cni: 'kube-router' },
        expect: [{ reason: 'set-by-add-on', status: 'pass' }],
      },
      {
        name: 'kube-router runs, and it is still not there',
        facts: facts({}),
        node: { stage: 'joined' },
        plan: { cni: 'kube-router' },
        expect: [{ reason: 'missing' }],
      },
      {
        name: 'kubeadm up to 1.29 asks whatever the add-on',
        facts: facts({}),
        node: { kubernetesVersion: '1.29' },
        plan: { cni: 'cilium-vxlan' },
        expect: [
          {
            reason: 'missing',
            message:
              'br_netfilter is not in the kernel, and kubeadm 1.29 needs it: there is no net.bridge.bridge-nf-call-iptables.',
          },
        ],
      },
      {
        name: 'an old kubelet is installed, and nobody said otherwise',
        facts: facts({}),
        node: { kubernetesVersion: '1.28', versionFrom: 'kubelet' },
        expect: [{ reason: 'missing' }],
      },
      {
        name: 'kubeadm does not ask again once a node has joined',
        facts: facts({}),
        node: { stage: 'joined', kubernetesVersion: '1.28' },
        expect: [{ reason: 'not-needed' }],
      },
      {
        name: 'it does not show',
        facts: facts({}, [V4]),
        plan: flannel,
        expect: [{ reason: 'unread', status: 'unknown' }],
      },
    ],
  },
  test,
);
