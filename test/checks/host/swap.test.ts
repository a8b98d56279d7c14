import { test } from 'vitest';
import check from '../../../checks/host/swap.ts';
import type { Facts } from '../../../src/evidence/facts.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import { kubeletConfig } from './kubelet-config.ts';

const OFF = { devices: [], fstab: [], units: [], zramGenerator: false };
const PARTITION = { name: '/dev/sda2', type: 'partition', size: 1024, used: 0 };
const ON = { ...OFF, devices: [PARTITION] };
const config = (differs: Partial<Facts['kubeletConfig']> = {}) => ({ value: kubeletConfig(differs) });
const none = config({ present: false });
const flag = (value: string) => ({ flags: { 'fail-swap-on': value }, extraFlags: { 'fail-swap-on': value } });
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
                `sed -i.bak -E 's/^([^#[:space:]]+[[:space:]]+[^[:space:]]+[[:space:]]+swap[[:space:]])/#\\1/' /etc/fstab`,
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
                `sed -i.bak -E 's/^([^#[:space:]]+[[:space:]]+[^[:space:]]+[[:space:]]+swap[[:space:]])/#\\1/' /etc/fstab`,
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
