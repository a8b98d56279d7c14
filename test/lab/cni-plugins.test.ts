import { expect } from 'vitest';
import type { Finding } from '../../src/report/schema.ts';
import { about, complaints, labTest, type Host } from './lab.ts';

/** Debian's containernetworking-plugins. */
const DEBIAN = ['--cni-bin-dir', '/usr/lib/cni'] as const;

function network(host: Host, cniVersion: string, ...types: string[]): void {
  host.write('/etc/containerd/config.toml', 'version = 2\n');
  const plugins = types.map((type) => (type === 'bridge' ? { type, ipam: { type: 'host-local' } } : { type }));
  host.write('/etc/cni/net.d/10-lab.conflist', JSON.stringify({ cniVersion, name: 'lab', plugins }));
}

/** A plugin of its own, in the usual directory: one that was there before, or a script. */
async function judgeScript(host: Host, script: string, mode = 0o755): Promise<Finding | undefined> {
  host.write('/opt/cni/bin/mine', script, mode);
  return about(await host.findings('cni/plugins', '--stage', 'joined', '--timeout', '2s'), 'mine');
}

const answering = (...versions: string[]) =>
  `#!/bin/sh\n[ "$CNI_COMMAND" = VERSION ] || exit 9\necho '${JSON.stringify({ cniVersion: '1.0.0', supportedVersions: versions })}'\n`;

labTest('the reference plugins: there, and of another version than the network', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  network(host, '1.0.0', 'bridge', 'portmap');
  const good = await host.findings('cni/plugins', '--stage', 'joined', ...DEBIAN);
  expect(complaints(good)).toEqual([]);
  for (const subject of ['bridge', 'host-local', 'portmap'])
    expect(about(good, subject)).toMatchObject({ reason: 'speaks', evidence: { path: `/usr/lib/cni/${subject}` } });
  expect(complaints(await host.findings('cni/bin-dir', '--stage', 'joined', ...DEBIAN))).toEqual([]);

  network(host, '1.1.0', 'bridge');
  const newer = complaints(await host.findings('cni/plugins', '--stage', 'joined', ...DEBIAN));
  expect(newer.map(({ subject, reason, status }) => [subject, reason, status])).toEqual([
    ['bridge', 'version-mismatch', 'fail'],
    ['host-local', 'version-mismatch', 'fail'],
  ]);
  expect(newer[0]).toMatchObject({ expected: '1.1.0', evidence: { role: 'plugin', path: '/usr/lib/cni/bridge' } });
});

labTest('plugins that are not there, or not to be started', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  network(host, '1.0.0', 'mine');
  const missing = await host.findings('cni/plugins', '--stage', 'joined');
  expect(about(missing, 'mine')).toMatchObject({ status: 'fail', reason: 'plugin-missing', actual: 'absent' });
  expect(complaints(await host.findings('cni/bin-dir', '--stage', 'joined'))).toMatchObject([
    { subject: '/opt/cni/bin', status: 'fail', reason: 'missing' },
  ]);

  const plain = await judgeScript(host, answering('1.0.0'), 0o644);
  expect(plain).toMatchObject({ status: 'fail', reason: 'not-executable' });
  for (const command of plain?.remedy?.commands ?? []) await host.sh(command);
  expect(about(await host.findings('cni/plugins', '--stage', 'joined'), 'mine')).toMatchObject({ reason: 'speaks' });

  expect(await judgeScript(host, '\u007fELF of another machine')).toMatchObject({ reason: 'not-executable' });
  expect(await judgeScript(host, '#!/no/such/shell\n')).toMatchObject({ reason: 'not-executable' });
  await host.sh('rm /opt/cni/bin/mine && mkdir /opt/cni/bin/mine');
  expect(about(await host.findings('cni/plugins', '--stage', 'joined'), 'mine')).toMatchObject({
    reason: 'plugin-missing',
  });
});

labTest('a plugin that others can write is not run', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  network(host, '1.0.0', 'mine');
  const script = `#!/bin/sh\ntouch /run/was-run\n${answering('1.0.0')}`;
  for (const [mode, what] of [
    [0o757, '/opt/cni/bin/mine'],
    [0o755, '/opt/cni/bin'],
  ] as const) {
    if (mode === 0o755) await host.sh('chmod o+w /opt/cni/bin');
    expect(await judgeScript(host, script, mode)).toMatchObject({
      status: 'warn',
      reason: 'writable-by-others',
      evidence: { writable: what },
      remedy: { commands: [`chown root:root ${what} && chmod go-w ${what}`] },
    });
  }
  expect(complaints(await host.findings('cni/bin-dir', '--stage', 'joined'))).toMatchObject([
    { subject: '/opt/cni/bin', status: 'warn', reason: 'writable-by-others' },
  ]);
  expect(await host.sh('ls /run/was-run 2>/dev/null || echo no')).toBe('no\n');
});

labTest.for([
  ['hangs, and so does its child', '#!/bin/sh\nsleep 600 & sleep 600\n', 'version-undecided', 'unknown'],
  ['prints junk', '#!/bin/sh\necho hello\n', 'version-unclear', 'warn'],
  ['prints without end', '#!/bin/sh\nyes\n', 'version-unclear', 'warn'],
  ['ends by a signal', '#!/bin/sh\nkill -SEGV $$\n', 'version-unclear', 'warn'],
  [
    'knows no VERSION',
    '#!/bin/sh\necho \'{"code":4,"msg":"unknown CNI_COMMAND: VERSION"}\'; exit 1\n',
    'version-mismatch',
    'fail',
  ],
  ['is older', answering('0.3.1', '0.4.0'), 'version-mismatch', 'fail'],
  ['is right', answering('0.4.0', '1.0.0'), 'speaks', 'pass'],
] as const)('a plugin that %s', async ([, script, reason, status], { lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  network(host, '1.0.0', 'mine');
  expect(await judgeScript(host, script)).toMatchObject({ reason, status });
});
