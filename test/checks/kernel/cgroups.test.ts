import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import check from '../../../checks/kernel/cgroups.ts';
import { DEFAULTS } from '../../../src/plan/defaults.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import { clusterNode } from '../cluster/nodes.ts';
import { UNREAD, kubeletConfigWith, kubeletOf } from './readings.ts';

const V1 = ['cpu', 'cpuacct', 'cpuset', 'devices', 'freezer', 'memory', 'pids', 'hugetlb'];
const V2 = ['cpuset', 'cpu', 'io', 'memory', 'hugetlb', 'pids', 'freezer'];
const facts = (version: 1 | 2 | null, controllers: string[] | null = version === 1 ? V1 : V2) => ({
  cgroups: { version, mount: version === null ? null : '/sys/fs/cgroup', controllers },
  kubeletConfig: kubeletConfigWith({ present: false }),
  kubelet: UNREAD,
  clusterNodes: { value: null },
});
const registered = { value: [clusterNode({ name: 'w1', kubeletVersion: 'v1.30.4' })] };
const told = kubeletConfigWith({ failCgroupV1: false });
const joined = { stage: 'joined' } as const;
const said = (kubernetesVersion: string) => ({ node: { kubernetesVersion, versionFrom: 'said' as const } });
const controllers = { subject: 'cgroup controllers', status: 'pass' } as const;

testCheck(
  check,
  {
    judge: [
      {
        name: 'a disk',
        facts: { ...facts(null), cgroups: { version: null, mount: null, controllers: null, shown: false } },
        expect: [{ reason: 'not-shown', status: 'skip' }],
      },
      {
        name: 'controllers that version 1 keeps',
        facts: {
          ...facts(2),
          cgroups: {
            version: 2,
            mount: '/sys/fs/cgroup',
            controllers: ['io', 'freezer', 'cpuset', 'pids'],
            boundToVersion1: ['cpu', 'memory'],
          },
        },
        expect: [
          { reason: 'v2' },
          {
            reason: 'missing',
            message: 'The machine uses cgroup v2, and hierarchies of cgroup v1 keep cpu, memory from it.',
            evidence: {
              enabled: ['io', 'freezer', 'cpuset', 'pids'],
              missing: ['cpu', 'memory'],
              boundToVersion1: ['cpu', 'memory'],
            },
          },
        ],
      },
      {
        name: 'version 2',
        facts: facts(2),
        expect: [
          { subject: 'cgroup version', reason: 'v2', status: 'pass' },
          { subject: 'cgroup controllers', reason: 'v2', status: 'pass' },
        ],
      },
      {
        name: 'version 1 on a fresh machine',
        facts: facts(1),
        expect: [{ reason: 'unsupported', status: 'fail', kubeadm: 'SystemVerification' }, controllers],
      },
      {
        name: 'kubeadm does not care what the kubelet is told',
        facts: { ...facts(1), kubeletConfig: told },
        expect: [{ reason: 'unsupported' }, controllers],
      },
      {
        name: 'version 1, ignored as for kubeadm',
        facts: facts(1),
        plan: { ignorePreflightErrors: ['SystemVerification'] },
        expect: [{ reason: 'unsupported', status: 'warn', because: 'ignore-preflight-errors' }, controllers],
      },
      {
        name: 'a joined node whose kubelet is told to accept it',
        facts: { ...facts(1), kubeletConfig: told },
        node: joined,
        expect: [{ reason: 'v1', status: 'pass' }, controllers],
      },
      {
        name: 'the same by an argument',
        facts: { ...facts(1), kubeletConfig: kubeletConfigWith({ flags: { 'fail-cgroupv1': 'false' } }) },
        node: joined,
        expect: [{ reason: 'v1' }, controllers],
      },
      {
        name: 'a joined node of 1.36 whose kubelet is not',
        facts: { ...facts(1), kubelet: kubeletOf('1.36.0') },
        node: joined,
        expect: [{ reason: 'unsupported', status: 'fail' }, controllers],
      },
      {
        name: 'a joined node of 1.30, whatever the default version is',
        facts: { ...facts(1), kubelet: kubeletOf('1.30.4') },
        node: joined,
        expect: [{ reason: 'v1', message: 'The machine uses cgroup v1, which Kubernetes 1.30 supports.' }, controllers],
      },
      {
        name: 'a joined node whose kubelet lags behind its API server',
        facts: { ...facts(1), kubelet: kubeletOf('1.34.2') },
        node: { ...joined, kubernetesVersion: '1.36', versionFrom: 'kube-apiserver' },
        expect: [{ reason: 'deprecated', status: 'warn' }, controllers],
      },
      {
        name: 'a joined node of which only the API server shows',
        facts: facts(1),
        node: { ...joined, kubernetesVersion: '1.36', versionFrom: 'kube-apiserver' },
        expect: [{ reason: 'undecided' }, controllers],
      },
      {
        name: 'a joined node whose kubelet told the API its version',
        facts: { ...facts(1), clusterNodes: registered },
        node: { ...joined, name: 'w1', kubernetesVersion: '1.36', versionFrom: 'kube-apiserver' },
        expect: [{ reason: 'v1', message: 'The machine uses cgroup v1, which Kubernetes 1.30 supports.' }, controllers],
      },
      {
        name: 'a joined node that runs another kubelet than it told the API',
        facts: { ...facts(1), kubelet: kubeletOf('1.34.2'), clusterNodes: registered },
        node: { ...joined, name: 'w1' },
        expect: [{ reason: 'deprecated' }, controllers],
      },
      {
        name: 'a joined node whose version was said',
        facts: facts(1),
        node: { ...joined, kubernetesVersion: '1.36', versionFrom: 'said' },
        expect: [{ reason: 'unsupported', status: 'fail' }, controllers],
      },
      {
        name: 'a joined node whose version does not show',
        facts: facts(1),
        node: joined,
        expect: [{ reason: 'undecided', status: 'unknown' }, controllers],
      },
      {
        name: 'a joined node whose configuration was not read',
        facts: { ...facts(1), kubeletConfig: UNREAD, kubelet: kubeletOf('1.36.0') },
        node: joined,
        expect: [{ reason: 'undecided' }, controllers],
      },
      {
        name: 'in maintenance',
        facts: facts(1),
        ...said('1.34'),
        expect: [{ reason: 'deprecated', status: 'warn' }, controllers],
      },
      {
        name: 'in maintenance, and kubeadm is given a kubelet that accepts it',
        facts: facts(1),
        ...said('1.34'),
        plan: { kubeletConfiguration: { failSwapOn: null, cgroupDriver: null, failCgroupV1: false, resolvConf: null } },
        expect: [{ reason: 'v1', status: 'pass' }, controllers],
      },
      {
        name: 'before that',
        facts: facts(1),
        ...said('1.30'),
        expect: [{ reason: 'v1', status: 'pass' }, controllers],
      },
      {
        name: 'a single-board computer without the memory controller',
        facts: facts(2, ['cpuset', 'cpu', 'io', 'pids', 'freezer']),
        expect: [
          { reason: 'v2' },
          {
            reason: 'missing',
            status: 'fail',
            message: 'The kernel has no cgroup controller memory.',
            evidence: { enabled: ['cpuset', 'cpu', 'io', 'pids', 'freezer'], missing: ['memory'] },
          },
        ],
      },
      {
        name: 'mounts that are hidden',
        facts: facts(2, null),
        expect: [{ reason: 'v2' }, { subject: 'cgroup controllers', reason: 'undecided', status: 'unknown' }],
      },
      { name: 'none', facts: facts(null), expect: [{ reason: 'not-mounted', status: 'fail' }] },
    ],
  },
  test,
);

/** The remedy pasted on a Debian whose file is this; then what grub-mkconfig makes of it and of what the remedy wrote. */
test.each([
  ["GRUB_CMDLINE_LINUX='quiet'\n", 'quiet systemd.unified_cgroup_hierarchy=1\n'],
  ['GRUB_CMDLINE_LINUX="quiet"\n', 'quiet systemd.unified_cgroup_hierarchy=1\n'],
  ['GRUB_TIMEOUT=5', ' systemd.unified_cgroup_hierarchy=1\n'],
])('the remedy over %j', (text, expected) => {
  const directory = mkdtempSync(join(tmpdir(), 'seaworthy-'));
  try {
    mkdirSync(join(directory, 'default'));
    writeFileSync(join(directory, 'default/grub'), text);
    const node = {
      name: 'w1',
      self: true,
      roles: ['worker'],
      stage: 'fresh',
      kubernetesVersion: '1.36',
      versionFrom: 'said',
      addresses: [],
    } as const;
    const [finding] = check.judge?.(facts(1), { node, plan: DEFAULTS }) ?? [];
    const [command = ''] = finding?.remedy?.commands ?? [];
    const script = `command() { return 1; }; update-grub() { :; }
      ${command.replaceAll('/etc/', `${directory}/`)}
      . ${directory}/default/grub; for each in ${directory}/default/grub.d/*.cfg; do . "$each"; done
      echo "$GRUB_CMDLINE_LINUX"`;
    expect(execFileSync('bash', ['-c', script], { encoding: 'utf8' })).toBe(expected);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
