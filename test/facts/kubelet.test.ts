import { expect, test } from 'vitest';
import kubelet from '../../src/facts/kubelet.ts';
import type { RunResult } from '../../src/system/programs.ts';
import { SystemError } from '../../src/system/system.ts';
import { readFrom } from './read-from.ts';

const UNIT = '[Service]\nExecStart=/usr/bin/kubelet\n';
const DROP_IN = '[Service]\nEnvironment="KUBELET_KUBECONFIG_ARGS=--kubeconfig=/etc/kubernetes/kubelet.conf"\n';

const packaged = {
  '/usr/lib/systemd/systemd': { executable: '' },
  '/lib': { link: 'usr/lib' },
  '/usr/bin/kubelet': { executable: '' },
  '/usr/lib/systemd/system/kubelet.service': UNIT,
  '/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf': DROP_IN,
} as const;

const run = (answer: Partial<RunResult> | SystemError) => ({
  live: true,
  native: true,
  programs: {
    find: async (name: string) => (name === 'kubelet' ? '/usr/bin/kubelet' : null),
    run: async (): Promise<RunResult> => {
      if (answer instanceof SystemError) throw answer;
      return { exitCode: 0, killedBy: null, stdout: '', stderr: '', ...answer };
    },
  },
});

test('a directory that holds nothing shows neither programs nor units nor processes', async () => {
  expect(await readFrom(kubelet, { '/etc/hostname': 'w1\n' })).toEqual({
    kubelet: null,
    kubeadm: null,
    unit: null,
    otherProcesses: 'not-recorded',
  });
});

test('a disk shows that it is installed, and is not asked for its version', async () => {
  const value = await readFrom(kubelet, packaged);
  expect(value.kubelet).toEqual({ path: '/usr/bin/kubelet', version: null, problem: null });
  expect(value.kubeadm).toEqual({ path: null, version: null, problem: null });
  expect(value.unit).toEqual({ present: true, masked: false, enabled: false, configured: true });
});

test('a file without the right to run it is no program', async () => {
  expect((await readFrom(kubelet, { '/usr/bin/kubelet': 'text' })).kubelet?.path).toBeNull();
});

test('enabled, by a link that leads nowhere here', async () => {
  const { unit } = await readFrom(kubelet, {
    ...packaged,
    '/etc/systemd/system/multi-user.target.wants/kubelet.service': { link: '/nowhere/kubelet.service' },
  });
  expect(unit).toMatchObject({ present: true, enabled: true });
});

test('masked', async () => {
  const { unit } = await readFrom(kubelet, {
    ...packaged,
    '/etc/systemd/system/kubelet.service': { link: '/dev/null' },
  });
  expect(unit).toEqual({ present: true, masked: true, enabled: false, configured: false });
});

test('a drop-in of the administrator replaces the package’s of the same name', async () => {
  const { unit } = await readFrom(kubelet, {
    ...packaged,
    '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf': '[Service]\n',
  });
  expect(unit).toMatchObject({ configured: false });
});

test.each([
  [{ stdout: 'Kubernetes v1.36.2\n' }, { version: '1.36.2', problem: null }],
  [{ stdout: 'v1.36.2-rc.1+k3s1\n' }, { version: '1.36.2-rc.1+k3s1', problem: null }],
  [{ stdout: 'usage: kubelet\n' }, { version: null, problem: { kind: 'failed' } }],
  [{ stdout: '' }, { version: null, problem: { kind: 'failed' } }],
  [{ exitCode: 1 }, { version: null, problem: { kind: 'failed' } }],
  [
    { exitCode: null, killedBy: 'SIGSEGV' },
    { version: null, problem: { kind: 'failed' } },
  ],
  [new SystemError('error', 'exec format error', 'ENOEXEC'), { version: null, problem: { kind: 'failed' } }],
  [new SystemError('error', 'printed more than 4096 bytes'), { version: null, problem: { kind: 'failed' } }],
  [new SystemError('denied', 'permission denied', 'EACCES'), { version: null, problem: { kind: 'unread' } }],
  [new SystemError('timeout', 'no answer in time'), { version: null, problem: { kind: 'unread' } }],
])('kubelet --version: %o', async (answer, expected) => {
  expect((await readFrom(kubelet, packaged, { differs: run(answer) })).kubelet).toMatchObject(expected);
});
