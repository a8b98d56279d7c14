import { expect, test } from 'vitest';
import sysctlFiles from '../../src/facts/sysctl-files.ts';
import type { Files } from '../hosts/directory.ts';
import { readFrom } from './read-from.ts';

const SYSTEMD = { '/usr/lib/systemd/systemd-sysctl': { executable: '' } } as const;
const read = (files: Files) => readFrom(sysctlFiles, files);
const places = async (files: Files) => {
  const { assignments } = await read(files);
  return assignments.map(({ file, line, atBoot }) => `${file}:${line}${atBoot ? '' : ' (not at boot)'}`);
};

test('no files at all', async () => {
  expect(await read({})).toEqual({ assignments: [], unreadable: [] });
});

test('by name across the directories; a name hides the same name further down', async () => {
  const files = {
    ...SYSTEMD,
    '/etc/sysctl.d/90-b.conf': 'net.ipv4.ip_forward = 0\n',
    '/etc/sysctl.d/README': 'net.ipv4.ip_forward = 0\n',
    '/run/sysctl.d/10-a.conf': '# first\nnet.ipv4.ip_forward = 1\n',
    '/usr/lib/sysctl.d/90-b.conf': 'net.ipv4.ip_forward = 1\n',
    '/usr/lib/sysctl.d/95-c.conf': 'net.ipv4.conf.*.rp_filter = 2\n-net.ipv4.conf.all.rp_filter\n',
  };
  expect(await places(files)).toEqual([
    '/run/sysctl.d/10-a.conf:2',
    '/etc/sysctl.d/90-b.conf:1',
    '/usr/lib/sysctl.d/95-c.conf:1',
    '/usr/lib/sysctl.d/95-c.conf:2',
  ]);
  expect((await read(files)).assignments.slice(-2)).toMatchObject([
    { key: 'net/ipv4/conf/*/rp_filter', value: '2' },
    { key: 'net/ipv4/conf/all/rp_filter', value: null },
  ]);
});

test('only what is judged is kept', async () => {
  const text = 'kernel.hostname = secret\nkernel.panic = 10\nnet.core.somaxconn = 1\nvm.* = 1\n';
  const { assignments } = await read({ '/etc/sysctl.d/1.conf': text });
  expect(assignments.map(({ key }) => key)).toEqual(['kernel/panic', 'net/core/somaxconn', 'vm/*']);
});

test('/etc/sysctl.conf comes last, and at boot only by its link or without systemd', async () => {
  const conf = { '/etc/sysctl.conf': 'net.ipv4.ip_forward = 1\n' };
  const link = { '/etc/sysctl.d/99-sysctl.conf': { link: '../sysctl.conf' } };
  expect(await places({ ...SYSTEMD, ...conf })).toEqual(['/etc/sysctl.conf:1 (not at boot)']);
  expect(await places(conf)).toEqual(['/etc/sysctl.conf:1']);
  expect(await places({ ...SYSTEMD, ...conf, ...link, '/etc/sysctl.d/99-z.conf': 'net.ipv4.ip_forward = 0' })).toEqual([
    '/etc/sysctl.conf:1',
    '/etc/sysctl.d/99-z.conf:1',
    '/etc/sysctl.conf:1 (not at boot)',
  ]);
});

test('ufw applies its own file when it is enabled', async () => {
  const file = { '/etc/ufw/sysctl.conf': 'net/ipv4/ip_forward=0\n' };
  expect(await places({ ...file, '/etc/ufw/ufw.conf': 'ENABLED=no\n' })).toEqual([]);
  expect(await places({ ...file, '/etc/ufw/ufw.conf': '# ufw\nENABLED=yes\n' })).toEqual(['/etc/ufw/sysctl.conf:1']);
});

test('a file that cannot be read is named, the others count', async () => {
  const value = await read({
    '/etc/sysctl.d/10-loop.conf': { link: '10-loop.conf' },
    '/etc/sysctl.d/20-directory.conf': { directory: true },
    '/etc/sysctl.d/30-long.conf': 'x'.repeat(300_000),
    '/etc/sysctl.d/40-gone.conf': { link: '/nowhere' },
    '/etc/sysctl.d/50-good.conf': 'net.ipv4.ip_forward = 1\n',
  });
  expect(value.assignments).toHaveLength(1);
  expect(value.unreadable).toEqual([
    '/etc/sysctl.d/10-loop.conf',
    '/etc/sysctl.d/20-directory.conf',
    '/etc/sysctl.d/30-long.conf',
  ]);
});

test('a long value is cut', async () => {
  const { assignments } = await read({ '/etc/sysctl.d/1.conf': `net.x = ${'1'.repeat(1000)}` });
  expect(assignments[0]?.value).toHaveLength(256);
});
