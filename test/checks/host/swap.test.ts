import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import check from '../../../checks/host/swap.ts';
import type { Facts } from '../../../src/evidence/facts.ts';
import { parseFstab } from '../../../src/facts/swap.ts';
import { DEFAULTS } from '../../../src/plan/defaults.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import { withDirectory } from '../../hosts/directory.ts';
import { kubeletConfig } from '../kubelet-config.ts';

const OFF = { devices: [], fstab: [], units: [], zramGenerator: false };
const PARTITION = { name: '/dev/sda2', type: 'partition', size: 1024, used: 0 };
const ON = { ...OFF, devices: [PARTITION] };
const config = (differs: Partial<Facts['kubeletConfig']> = {}) => ({ value: kubeletConfig(differs) });
const none = config({ present: false });
const flag = (value: string) => ({ flags: { 'fail-swap-on': value }, extraFlags: { 'fail-swap-on': value } });
const NODE = {
  name: 'w1',
  self: true,
  roles: ['worker' as const],
  kubernetesVersion: '1.36',
  versionFrom: 'default' as const,
  addresses: [],
};
const joined = { stage: 'joined' } as const;

testCheck(
  check,
  {
    judge: [
      { name: 'off', facts: { swap: OFF, kubeletConfig: none }, expect: [{ reason: 'off', status: 'pass' }] },
      {
        name: 'a directory without /proc',
        facts: { swap: { ...OFF, devices: null }, kubeletConfig: none },
        expect: [{ reason: 'not-shown', status: 'skip' }],
      },
      {
        name: 'a fresh machine with swap in fstab',
        facts: { swap: { ...ON, fstab: ['/dev/sda2'] }, kubeletConfig: none },
        expect: [
          {
            reason: 'on',
            status: 'fail',
            kubeadm: 'Swap',
            actual: 'on: /dev/sda2',
            remedy: {
              text: 'Turn swap off for good. Where pods shall use swap, set failSwapOn: false and memorySwap in the KubeletConfiguration that kubeadm is given instead, and ignore Swap here.',
              commands: [
                'swapoff -a',
                `sed -i.bak -E 's/^([[:space:]]*[^#[:space:]]+[[:space:]]+[^[:space:]]+[[:space:]]+swap([[:space:]]|$))/#\\1/' /etc/fstab`,
              ],
            },
          },
        ],
      },
      {
        name: 'kubeadm’s name in the ignore list',
        facts: { swap: ON, kubeletConfig: none },
        plan: { ignorePreflightErrors: ['swap'] },
        expect: [{ reason: 'on', status: 'warn', was: 'fail' }],
      },
      {
        name: 'a fresh machine, and the configuration of an earlier cluster',
        facts: { swap: ON, kubeletConfig: config({ failSwapOn: false }) },
        expect: [{ reason: 'on', status: 'fail' }],
      },
      {
        name: 'a fresh machine, and kubeadm is given a configuration of the kubelet',
        facts: { swap: ON, kubeletConfig: none },
        plan: { kubeletConfiguration: { failSwapOn: false, cgroupDriver: null, failCgroupV1: null, resolvConf: null } },
        expect: [{ reason: 'tolerated', status: 'pass' }],
      },
      {
        name: 'a joined machine, whatever kubeadm was given',
        node: joined,
        facts: { swap: ON, kubeletConfig: config({ failSwapOn: true }) },
        plan: { kubeletConfiguration: { failSwapOn: false, cgroupDriver: null, failCgroupV1: null, resolvConf: null } },
        expect: [{ reason: 'on', status: 'fail' }],
      },
      {
        name: 'a fresh machine whose administrator told the kubelet',
        facts: { swap: ON, kubeletConfig: config({ present: false, ...flag('false') }) },
        expect: [{ reason: 'tolerated', status: 'pass' }],
      },
      {
        name: 'a joined node configured for swap',
        node: joined,
        facts: { swap: ON, kubeletConfig: config({ failSwapOn: false }) },
        expect: [{ reason: 'tolerated', status: 'pass' }],
      },
      {
        name: 'a joined node with the default',
        node: joined,
        facts: { swap: ON, kubeletConfig: config() },
        expect: [{ reason: 'on', status: 'fail' }],
      },
      {
        name: 'an argument wins over the file',
        node: joined,
        facts: { swap: ON, kubeletConfig: config({ failSwapOn: false, ...flag('true') }) },
        expect: [{ reason: 'on', status: 'fail' }],
      },
      {
        name: 'a joined node whose configuration only root may read',
        node: joined,
        facts: { swap: ON, kubeletConfig: { unread: 'denied', detail: '' } },
        expect: [{ reason: 'undecided', status: 'unknown' }],
      },
      {
        name: 'a joined node with its configuration elsewhere',
        node: joined,
        facts: { swap: ON, kubeletConfig: none },
        expect: [{ reason: 'undecided', status: 'unknown' }],
      },
      {
        name: 'off until the next boot',
        facts: {
          swap: { ...OFF, fstab: ['UUID=1'], units: ["a'b.swap"], zramGenerator: true },
          kubeletConfig: none,
        },
        expect: [
          {
            reason: 'on-at-boot',
            status: 'warn',
            actual: "turned on by /etc/fstab and a'b.swap and zram-generator",
            remedy: {
              text: 'Turn swap off for good. Where pods shall use swap, set failSwapOn: false and memorySwap in the KubeletConfiguration that kubeadm is given instead, and ignore Swap here.',
              commands: [
                `sed -i.bak -E 's/^([[:space:]]*[^#[:space:]]+[[:space:]]+[^[:space:]]+[[:space:]]+swap([[:space:]]|$))/#\\1/' /etc/fstab`,
                `systemctl mask --now 'a'\\''b.swap'`,
                ': > /etc/systemd/zram-generator.conf',
              ],
            },
          },
        ],
      },
      {
        name: 'swap at boot that the kubelet is configured for',
        node: joined,
        facts: { swap: { ...OFF, fstab: ['UUID=1'] }, kubeletConfig: config({ failSwapOn: false }) },
        expect: [{ reason: 'off', status: 'pass' }],
      },
    ],
  },
  test,
);

test('the command comments out every line that turns swap on, and nothing else', async () => {
  const fstab = [
    'UUID=1 / ext4 defaults 0 1',
    '/dev/sda2 none swap sw 0 0',
    '  /swapfile none swap sw 0 0',
    '\t/swap\\040two\tnone\tswap\tsw\t0 0',
    '/swap3 none swap',
    '# /dev/sdb none swap sw 0 0',
    '  #/dev/sdc none swap sw 0 0',
    '/dev/sdd /swap ext4 defaults 0 0',
    '',
  ].join('\n');
  const [finding] =
    check.judge?.(
      { swap: { ...OFF, fstab: ['/dev/sda2'] }, kubeletConfig: none },
      { node: { ...NODE, stage: 'fresh' }, plan: DEFAULTS },
    ) ?? [];
  const command = finding?.remedy?.commands?.find((each) => each.includes('/etc/fstab')) ?? '';
  await withDirectory({ '/fstab': fstab }, async (root) => {
    execFileSync('sh', ['-c', command.replaceAll('/etc/fstab', `${root}/fstab`)]);
    const left = readFileSync(`${root}/fstab`, 'utf8');
    expect(parseFstab(fstab)).toHaveLength(4);
    expect(parseFstab(left)).toEqual([]);
    expect(left.split('\n').filter((line, index) => line !== fstab.split('\n')[index])).toHaveLength(4);
  });
});
