import { expect } from 'vitest';
import { newToken } from '../../src/peers/token.ts';
import { complaints, labTest, TOKEN_FILE, type Host } from './lab.ts';
import { faults, pair, QUICK, QUICK_PORTS, rules, tried } from './reach.ts';

async function unreachable(own: Host, ...more: string[]) {
  const args = ['--token-file', TOKEN_FILE, ...QUICK, '--timeout', '1s', '--peer', 'control-plane@10.77.0.2', ...more];
  const { code, stdout } = await own.cli('check', '--json', ...args);
  expect(code).toBe(3);
  return JSON.parse(stdout) as Awaited<ReturnType<Host['check']>>;
}

labTest.for([
  ['nobody listens', null, 'refuses the connection'],
  ['the port is rejected', 'reject', 'refuses the connection'],
  ['the port is dropped', 'drop', 'does not answer'],
] as const)('no control channel: %s', async ([, verdict, message], { lab }) => {
  const own = await lab.host('cp1', '10.77.0.1/24');
  const peer = await lab.host('cp2', '10.77.0.2/24');
  if (verdict !== null) {
    await peer.peer();
    await rules(peer, { input: [`tcp dport 10777 ${verdict}`] });
  }
  const { checks } = await unreachable(own);
  expect(checks.flatMap(({ findings }) => findings)).toMatchObject([
    {
      status: 'unknown',
      reason: 'peer-unreachable',
      message: expect.stringContaining(message),
      remedy: { commands: [expect.stringContaining('10777')] },
    },
  ]);
});

labTest('no control channel: another token, another program', async ({ lab }) => {
  const [own, peer] = await pair(lab);
  own.write(TOKEN_FILE, newToken(), 0o600);
  const wrong = await unreachable(own);
  expect(complaints(wrong.checks.flatMap(({ findings }) => findings))).toMatchObject([
    {
      reason: 'peer-unreachable',
      message: expect.stringContaining('another token'),
      remedy: { text: expect.stringContaining('the same token on both') },
    },
  ]);
  await peer.listen('nginx', 10_700);
  const other = await unreachable(own, '--peer', 'worker@10.77.0.2:10700', '--peer', 'none.invalid');
  const found = complaints(other.checks.flatMap(({ findings }) => findings));
  expect(found.map(({ reason }) => reason)).toEqual(['peer-unreachable', 'peer-unreachable', 'peer-unreachable']);
  // None of them is mended by opening a port.
  expect(found.map(({ remedy }) => remedy?.commands ?? [])).toEqual([
    [],
    ["ss -Hltnp 'sport = :10700'"],
    ['getent ahosts none.invalid'],
  ]);
});

labTest('a node that has joined opens no port of a component', async ({ lab }) => {
  const own = await lab.host('cp1', '10.77.0.1/24');
  const peer = await lab.host('cp2', '10.77.0.2/24');
  peer.write('/etc/kubernetes/kubelet.conf', '');
  await peer.peer();
  await peer.listen('kubelet', 10_250);
  await rules(peer, { input: ['tcp dport 2379 drop'] });
  const found = await tried([own, peer], ...QUICK, '--peer', 'control-plane@10.77.0.2');
  expect(faults(found)).toMatchObject({
    'cp1→cp2 tcp/6443': 'no-listener: refused ECONNREFUSED, none 0/0',
    'cp1→cp2 tcp/2379': 'no-listener: silence, none 0/0',
    'cp1→cp2 tcp/2380': 'no-listener: refused ECONNREFUSED, none 0/0',
  });
  expect(found.find(({ subject, nodes }) => subject === 'tcp/10250' && nodes[0] === 'cp1')).toMatchObject({
    reason: 'open',
    probe: { proof: 'accepted', receiver: { listener: 'owner' } },
  });
});

labTest('a peer is killed in the middle: nothing of it is a fault', async ({ lab }) => {
  const own = await lab.host('cp1', '10.77.0.1/24');
  const peer = await lab.host('cp2', '10.77.0.2/24');
  const listening = await peer.peer();
  await rules(peer, { input: ['tcp dport { 2379, 2380 } drop'] });
  const before = await own.state();
  const running = own.check(...QUICK, '--token-file', TOKEN_FILE, '--peer', 'control-plane@10.77.0.2');
  await peer.sh('until ss -Htln | grep -q 10.77.0.2:2379; do sleep 0.05; done');
  await peer.sh('sleep 0.5');
  listening.kill('SIGKILL');
  const { checks } = await running;
  const findings = checks.flatMap((check) => check.findings);
  expect(findings.filter(({ status }) => status === 'fail')).toEqual([]);
  expect(findings.some(({ reason }) => reason === 'undecided')).toBe(true);
  expect(findings.length).toBeGreaterThanOrEqual(QUICK_PORTS.length);
  expect(await own.state()).toBe(before);
});

labTest('NodePorts of a joined node that belong to a Service, and those that nobody asked for', async ({ lab }) => {
  const own = await lab.host('w1', '10.77.0.1/24');
  const peer = await lab.host('w2', '10.77.0.2/24');
  peer.write('/etc/kubernetes/kubelet.conf', '');
  await peer.sh(`iptables -t nat -N KUBE-NODEPORTS
    iptables -t nat -N KUBE-EXT-AAA
    iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
    iptables -t nat -A KUBE-NODEPORTS -p tcp -m tcp --dport 30004 -j KUBE-EXT-AAA`);
  await peer.peer();
  const args = ['--role', 'worker', '--node-port-range', '30000-30009', '--peer', 'worker@10.77.0.2'] as const;
  const asked = await tried([own, peer], ...args, '--only', 'ports/node-ports-reachable');
  expect(faults(asked)).toEqual({ 'w1→w2 tcp/30004': 'service-owned: silence, service 0/0' });
  expect(complaints(asked)).toEqual([]);
  const whole = (await tried([own, peer], ...args, '--only', 'ports')).filter(
    ({ check }) => check === 'ports/node-ports-reachable',
  );
  expect(faults(whole)).toEqual({ 'w2 30000-30009': 'not-swept' });
});

labTest('an API server on a low port that a worker was not told of: it says why it does not send', async ({ lab }) => {
  const control = await lab.host('cp1', '10.77.0.1/24');
  const worker = await lab.host('w1', '10.77.0.2/24');
  const conductor = await lab.host('laptop', '10.77.0.100/24');
  control.write('/etc/seaworthy/seaworthy.yaml', 'apiServerPort: 444\n');
  conductor.write('/etc/seaworthy/seaworthy.yaml', 'apiServerPort: 444\n');
  await control.peer('--role', 'control-plane');
  await worker.peer('--role', 'worker');
  const peers = [
    '--peer',
    'control-plane@10.77.0.1',
    '--peer',
    'worker@10.77.0.2',
    '--token-file',
    TOKEN_FILE,
  ] as const;
  const { stdout, stderr } = await conductor.cli('mesh', '--json', '--only', 'ports/reachable', ...peers);
  const findings = (JSON.parse(stdout || stderr) as Awaited<ReturnType<Host['check']>>).checks.flatMap(
    (each) => each.findings,
  );
  expect(complaints(findings)).toMatchObject([
    { subject: 'tcp/444', reason: 'undecided', message: expect.stringContaining('does not send there') as string },
  ]);
});
