import { test } from 'vitest';
import check from '../../../checks/network/name-resolution.ts';
import type { Facts } from '../../../src/evidence/facts.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import { kubeletConfig } from '../kubelet-config.ts';

const config = (changes: Partial<Facts['kubeletConfig']>) => ({ value: kubeletConfig(changes) });
const absent = config({ present: false });
const files = (...nameservers: string[]) => ({ '/etc/resolv.conf': { nameservers, search: [] } });
const facts = (changes: Partial<Facts['resolver']>, kubeletConfig = absent) => ({
  resolver: {
    name: 'w1',
    resolution: { addresses: ['10.0.0.12'] },
    hosts: [],
    hostsSources: ['files', 'dns'],
    files: files('9.9.9.9'),
    resolvedActive: false,
    ...changes,
  },
  kubeletConfig,
});
const stub = {
  ...files('127.0.0.53'),
  '/run/systemd/resolve/resolv.conf': { nameservers: ['9.9.9.9'], search: [] },
};

testCheck(
  check,
  {
    judge: [
      {
        name: 'in the DNS',
        facts: facts({}),
        expect: [
          { reason: 'resolved', status: 'pass', subject: 'w1' },
          { reason: 'resolver-reachable', status: 'pass', subject: '/etc/resolv.conf' },
        ],
      },
      {
        name: 'Debian',
        facts: facts({ resolution: { addresses: ['127.0.1.1'] } }),
        expect: [{ reason: 'debian-address', status: 'pass' }, { reason: 'resolver-reachable' }],
      },
      {
        name: 'on the line of localhost',
        facts: facts({ resolution: { addresses: ['127.0.0.1', '::1'] } }),
        expect: [{ reason: 'loopback-address', status: 'warn' }, { reason: 'resolver-reachable' }],
      },
      {
        name: 'nowhere',
        facts: facts({ resolution: { error: 'ENOTFOUND' } }),
        expect: [
          { reason: 'unresolved', status: 'warn', kubeadm: 'Hostname', actual: 'ENOTFOUND' },
          { reason: 'resolver-reachable' },
        ],
      },
      {
        name: 'a resolver that does not answer',
        facts: facts({ resolution: { error: 'ETIMEDOUT' } }),
        expect: [{ reason: 'unresolved', actual: 'no answer in time' }, { reason: 'resolver-reachable' }],
      },
      {
        name: 'a directory whose hosts file does not name it',
        facts: facts({ resolution: null }),
        expect: [{ reason: 'not-observed', status: 'skip' }, { reason: 'resolver-reachable' }],
      },
      {
        name: 'a directory whose hosts file names it',
        facts: facts({ resolution: null, hosts: ['10.0.0.12'] }),
        expect: [{ reason: 'resolved' }, { reason: 'resolver-reachable' }],
      },
      {
        name: 'systemd-resolved, fresh: kubeadm names its file',
        facts: facts({ files: stub, resolvedActive: true }),
        expect: [{ reason: 'resolved' }, { reason: 'resolver-reachable', subject: '/run/systemd/resolve/resolv.conf' }],
      },
      {
        name: 'systemd-resolved, joined with the right file',
        facts: facts({ files: stub, resolvedActive: true }, config({ resolvConf: '/run/systemd/resolve/resolv.conf' })),
        expect: [{ reason: 'resolved' }, { reason: 'resolver-reachable' }],
      },
      {
        name: 'fresh, and kubeadm is given the wrong file for the kubelet',
        facts: facts({ files: stub, resolvedActive: true }, config({ present: false })),
        plan: {
          kubeletConfiguration: {
            failSwapOn: null,
            cgroupDriver: null,
            failCgroupV1: null,
            resolvConf: '/etc/resolv.conf',
          },
        },
        expect: [{ reason: 'resolved' }, { reason: 'resolver-loop', actual: '127.0.0.53' }],
      },
      {
        name: 'systemd-resolved, joined by hand',
        facts: facts({ files: stub, resolvedActive: true }, config({})),
        expect: [{ reason: 'resolved' }, { reason: 'resolver-loop', status: 'warn', actual: '127.0.0.53' }],
      },
      {
        name: 'a flag wins over the file',
        facts: facts(
          { files: stub, resolvedActive: true },
          config({ flags: { 'resolv-conf': '/run/systemd/resolve/resolv.conf' } }),
        ),
        expect: [{ reason: 'resolved' }, { reason: 'resolver-reachable' }],
      },
      {
        name: 'dnsmasq of its own',
        facts: facts({ files: files('127.0.0.1', '9.9.9.9') }),
        expect: [{ reason: 'resolved' }, { reason: 'resolver-loop', actual: '127.0.0.1', kubeadm: undefined }],
      },
      {
        name: 'kubelet gives none',
        facts: facts({}, config({ resolvConf: '' })),
        expect: [{ reason: 'resolved' }, { reason: 'no-resolver', status: 'skip' }],
      },
    ],
  },
  test,
);
