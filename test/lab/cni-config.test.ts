import { expect } from 'vitest';
import { complaints, labTest, type Host } from './lab.ts';

const list = (name: string, ...types: string[]) =>
  JSON.stringify({ cniVersion: '1.0.0', name, plugins: types.map((type) => ({ type })) });

const GOOD = list('cbr0', 'flannel', 'portmap');

function networks(host: Host, files: Readonly<Record<string, string>>): void {
  // Whatever runtime the machine has looks in the usual places.
  host.write('/etc/containerd/config.toml', 'version = 2\n');
  for (const [name, text] of Object.entries(files)) host.write(`/etc/cni/net.d/${name}`, text);
}

labTest('no network yet: right before the node joins, and not after', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  networks(host, {});
  const none = (stage: string) => host.findings('cni/config', '--stage', stage);
  expect(await none('fresh')).toMatchObject([{ status: 'pass', reason: 'not-installed' }]);
  expect(await none('joined')).toMatchObject([{ subject: '/etc/cni/net.d', status: 'warn', reason: 'no-network' }]);
});

labTest('a network of the add-on that was named, and one that nobody named', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  networks(host, { '10-flannel.conflist': GOOD, README: 'not a network', '99-loopback.conf': '{"type":"loopback"}' });
  expect(await host.findings('cni/config', '--stage', 'joined', '--cni', 'flannel')).toMatchObject([
    { status: 'pass', reason: 'valid', evidence: { file: '10-flannel.conflist', types: ['flannel', 'portmap'] } },
  ]);
  expect(complaints(await host.findings('cni/config', '--stage', 'fresh'))).toMatchObject([
    {
      subject: '/etc/cni/net.d/10-flannel.conflist',
      status: 'warn',
      reason: 'leftover',
      remedy: { commands: ['mv /etc/cni/net.d/10-flannel.conflist /etc/cni/net.d/10-flannel.conflist.unused'] },
    },
  ]);
});

labTest('several networks', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  networks(host, { '10-flannel.conflist': GOOD, '20-other.conflist': list('other', 'bridge') });
  expect(complaints(await host.findings('cni/config', '--stage', 'joined'))).toMatchObject([
    {
      subject: '/etc/cni/net.d',
      status: 'warn',
      reason: 'several',
      evidence: { files: ['10-flannel.conflist', '20-other.conflist'], containerd: '10-flannel.conflist' },
    },
  ]);
});

labTest.for([
  ['cut short', '05-cut.conflist', GOOD.slice(0, -3)],
  ['a list in a .conf', '05-list.conf', GOOD],
  ['a path as type', '05-path.conflist', list('evil', '../../tmp/evil')],
  ['an empty file', '05-empty.conflist', ''],
  ['bytes that are no text', '05-junk.conflist', '\u0000\ufffd\u0001'],
] as const)('a broken file that sorts first, and alone: %s', async ([, name, text], { lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  networks(host, { [name]: text, '10-flannel.conflist': GOOD });
  const path = `/etc/cni/net.d/${name}`;
  const judged = () => host.findings('cni/config', '--stage', 'joined');
  const [finding] = complaints(await judged());
  expect(finding).toMatchObject({
    subject: path,
    status: 'fail',
    reason: 'sorts-first-broken',
    evidence: { file: name },
  });
  await host.sh('rm /etc/cni/net.d/10-flannel.conflist');
  expect(complaints(await judged())).toMatchObject([{ subject: path, status: 'fail', reason: 'broken' }]);
  // Its remedy, then the add-on writes its file again.
  for (const command of finding?.remedy?.commands ?? []) await host.sh(command);
  networks(host, { '10-flannel.conflist': GOOD });
  expect(complaints(await judged())).toEqual([]);
});
