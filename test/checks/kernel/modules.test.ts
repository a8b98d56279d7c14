import { test } from 'vitest';
import check from '../../../checks/kernel/modules.ts';
import { CGROUP_OPTIONS, MODULE_NAMES, REQUIRED_OPTIONS } from '../../../src/kubernetes/kernel-features.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import { UNREAD } from './readings.ts';

const NEEDED = ['overlay', 'nf_conntrack', 'nf_nat', 'xt_comment'];
const ALL_OPTIONS = Object.fromEntries(
  [...REQUIRED_OPTIONS.map(([name]) => name), ...CGROUP_OPTIONS[2]].map((name) => [name, 'm']),
);
const config = (options: Record<string, string> = {}, without: string[] = []) => {
  const all = Object.entries({ ...ALL_OPTIONS, ...options }).filter(([name]) => !without.includes(name));
  return { value: { file: '/boot/config-6.1.0', options: Object.fromEntries(all) } };
};
const cgroups = { value: { version: 2 as const, mount: '/sys/fs/cgroup', controllers: [] } };
const none = { value: { file: null, options: {} } };

/** A Debian machine: most modules are loadable, as its package brings them. */
const debian = (loadable: readonly string[] = MODULE_NAMES) => ({
  kernelModules: { present: ['overlay'], builtin: [], loadable: [...loadable] },
  kernelConfig: config(),
  cgroups,
});
const configured = { subject: 'kernel configuration', reason: 'configured', status: 'pass' } as const;
const joined = { stage: 'joined' } as const;

testCheck(
  check,
  {
    judge: [
      {
        name: 'a disk',
        facts: {
          ...debian(),
          kernelModules: { present: [], builtin: null, loadable: null, shown: false },
          kernelConfig: { value: { file: null, options: {}, shown: false } },
        },
        expect: [
          { subject: 'kernel configuration', reason: 'not-shown', status: 'skip' },
          { subject: 'overlay, nf_conntrack, nf_nat, xt_comment', reason: 'not-shown' },
        ],
      },
      {
        name: 'a fresh Debian machine',
        facts: debian(),
        expect: [
          configured,
          { subject: 'overlay', reason: 'present', status: 'pass' },
          { subject: 'nf_conntrack', reason: 'loadable', status: 'pass' },
          { subject: 'nf_nat', reason: 'loadable' },
          { subject: 'xt_comment', reason: 'loadable' },
        ],
      },
      {
        name: 'a kernel with all built in, by its configuration alone',
        facts: {
          kernelModules: { present: [], builtin: null, loadable: null },
          kernelConfig: config({ OVERLAY_FS: 'y', NF_CONNTRACK: 'y', NF_NAT: 'y', NETFILTER_XT_MATCH_COMMENT: 'y' }),
          cgroups,
        },
        expect: [configured, ...NEEDED.map((subject) => ({ subject, reason: 'present' }))],
      },
      {
        name: 'a package of extra modules that is not installed',
        facts: debian(NEEDED),
        plan: { cni: 'flannel' },
        expect: [
          configured,
          { reason: 'present' },
          { reason: 'loadable' },
          { reason: 'loadable' },
          { reason: 'loadable' },
          {
            subject: 'vxlan',
            reason: 'missing',
            status: 'fail',
            message: 'The kernel has no vxlan, which flannel uses.',
          },
        ],
      },
      {
        name: 'IPVS without its modules, and ignored by its own name',
        facts: debian(NEEDED),
        plan: { proxyMode: 'ipvs', ignorePreflightErrors: ['IPVSProxierCheck'] },
        expect: [
          configured,
          ...NEEDED.map((subject) => ({ subject, status: 'pass' as const })),
          ...['ip_vs', 'ip_vs_rr', 'ip_vs_wrr', 'ip_vs_sh'].map((subject) => ({
            subject,
            reason: 'missing',
            status: 'warn' as const,
            because: 'ignore-preflight-errors' as const,
          })),
        ],
      },
      {
        name: 'no overlay',
        facts: {
          ...debian(['nf_conntrack', 'nf_nat', 'nf_tables']),
          kernelModules: { present: [], builtin: [], loadable: ['nf_conntrack', 'nf_nat', 'nf_tables'] },
        },
        plan: { proxyMode: 'nftables' },
        expect: [
          configured,
          { subject: 'overlay', reason: 'missing-overlay', status: 'warn' },
          { reason: 'loadable' },
          { reason: 'loadable' },
          { reason: 'loadable' },
        ],
      },
      {
        name: 'an add-on that always replaces kube-proxy',
        facts: debian(),
        plan: { cni: 'ovn-kubernetes' },
        expect: [configured, { subject: 'overlay' }, { subject: 'openvswitch' }, { subject: 'geneve' }],
      },
      {
        name: 'a joined node that shows nothing',
        facts: {
          kernelModules: { present: ['nf_conntrack'], builtin: null, loadable: null },
          kernelConfig: none,
          cgroups,
        },
        node: joined,
        expect: [
          { subject: 'nf_conntrack', reason: 'present' },
          { subject: 'overlay, nf_nat', reason: 'not-shown', status: 'skip' },
        ],
      },
      {
        name: 'a joined node is not asked for what one mode of kube-proxy alone uses',
        facts: debian(['nf_conntrack', 'nf_nat']),
        node: joined,
        expect: [
          { subject: 'overlay', reason: 'present' },
          { subject: 'nf_conntrack', reason: 'loadable' },
          { subject: 'nf_nat', reason: 'loadable' },
        ],
      },
      {
        name: 'a fresh machine that shows nothing: kubeadm stops, and nothing is known',
        facts: {
          kernelModules: { present: ['overlay'], builtin: null, loadable: null },
          kernelConfig: none,
          cgroups,
        },
        expect: [
          { subject: 'kernel configuration', reason: 'no-config', status: 'fail', kubeadm: 'SystemVerification' },
          { subject: 'overlay', reason: 'present' },
          { subject: 'nf_conntrack', reason: 'undecided', status: 'unknown' },
          { subject: 'nf_nat', reason: 'undecided' },
          { subject: 'xt_comment', reason: 'undecided' },
        ],
      },
      {
        name: 'modules that the configuration names and that are not here to be seen, as in a container',
        facts: {
          kernelModules: { present: NEEDED, builtin: null, loadable: null },
          kernelConfig: config({ VXLAN: 'm' }),
          cgroups,
        },
        plan: { cni: 'flannel' },
        expect: [
          configured,
          ...NEEDED.map((subject) => ({ subject, reason: 'present' })),
          { subject: 'vxlan', reason: 'undecided' },
        ],
      },
      {
        name: 'the source of another kernel proves nothing of the modules of this one',
        facts: {
          kernelModules: { present: ['overlay', 'nf_conntrack', 'nf_nat'], builtin: null, loadable: null },
          kernelConfig: { value: { file: '/usr/src/linux/.config', options: { ...ALL_OPTIONS } } },
          cgroups,
        },
        expect: [configured, {}, {}, {}, { subject: 'xt_comment', reason: 'undecided' }],
      },
      {
        name: 'a configuration in a module of its own',
        facts: { ...debian(), kernelConfig: none },
        expect: [{ subject: 'kernel configuration', reason: 'loadable' }, {}, {}, {}, {}],
      },
      {
        name: 'a configuration that could not be read',
        facts: { ...debian(), kernelConfig: UNREAD },
        expect: [{ subject: 'kernel configuration', reason: 'undecided' }, {}, {}, {}, {}],
      },
      {
        name: 'built without what kubeadm demands',
        facts: { ...debian(), kernelConfig: config({}, ['MEMCG', 'CGROUP_BPF']) },
        expect: [
          {
            reason: 'missing',
            message: 'The kernel was built without CONFIG_MEMCG, CONFIG_CGROUP_BPF, and kubeadm stops because of that.',
            kubeadm: 'SystemVerification',
          },
          {},
          {},
          {},
          {},
        ],
      },
      {
        name: 'an older name of an option serves',
        facts: {
          ...debian(),
          kernelConfig: config({ IP_NF_TARGET_REDIRECT: 'm' }, ['NETFILTER_XT_TARGET_REDIRECT']),
        },
        expect: [configured, {}, {}, {}, {}],
      },
      {
        name: 'with cgroup v1 its own options count',
        facts: { ...debian(), cgroups: { value: { version: 1, mount: '/sys/fs/cgroup', controllers: [] } } },
        expect: [
          {
            reason: 'missing',
            evidence: { file: '/boot/config-6.1.0', missing: ['CGROUP_CPUACCT', 'CGROUP_DEVICE', 'CGROUP_FREEZER'] },
          },
          {},
          {},
          {},
          {},
        ],
      },
    ],
  },
  test,
);
