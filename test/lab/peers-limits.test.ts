import { expect } from 'vitest';
import { labTest, TOKEN_FILE, type Host, type Lab } from './lab.ts';
import { rules, tried } from './reach.ts';

const SWEEP = ['--role', 'worker', '--only', 'ports/node-ports-reachable'] as const;
const PEER = ['--peer', '10.77.0.2'] as const;

function limited(host: Host, descriptors: number | null): Host {
  return descriptors === null ? host : host.via('prlimit', `--nofile=${descriptors}`);
}

async function two(lab: Lab, here: number | null, there: number | null): Promise<[own: Host, peer: Host]> {
  const own = await lab.host('w1', '10.77.0.1/24');
  const peer = await lab.host('w2', '10.77.0.2/24');
  await limited(peer, there).peer('--role', 'worker');
  return [limited(own, here), peer];
}

labTest.for([
  [4_096, null],
  [1_024, 4_096],
] as const)(
  'with %s descriptors here and %s there a hole of 500 ports is those 500',
  async ([here, there], { lab }) => {
    const [own, peer] = await two(lab, here, there);
    await rules(peer, { input: ['tcp dport 31000-31499 drop', 'udp dport 31000-31499 drop'] });
    const found = await tried([own, peer], ...SWEEP, ...PEER);
    const stories = found.map(({ nodes, subject, reason }) => `${nodes.join(' ')} ${subject} ${reason}`);
    expect(stories.sort()).toEqual([
      'w1 w2 tcp/30000-30999 open',
      'w1 w2 tcp/31000-31499 request-lost',
      'w1 w2 tcp/31500-32767 open',
      'w1 w2 udp/30000-30999 open',
      'w1 w2 udp/31000-31499 request-lost',
      'w1 w2 udp/31500-32767 open',
      'w2 w1 tcp/30000-32767 open',
      'w2 w1 udp/30000-32767 open',
    ]);
  },
);

labTest('with 160 descriptors on both sides what could not be tried is no fault', async ({ lab }) => {
  const [own, peer] = await two(lab, 160, 160);
  const found = await tried([own, peer], ...SWEEP, ...PEER, '--node-port-range', '30000-30199');
  expect(found.filter(({ status }) => status === 'fail' || status === 'warn')).toEqual([]);
  expect(found.length).toBeGreaterThan(0);
});

labTest(
  'with local ports for connections only where our listeners are, what could not be tried is no fault',
  async ({ lab }) => {
    const own = await lab.host('w1', '10.77.0.1/24');
    const peer = await lab.host('w2', '10.77.0.2/24');
    for (const host of [own, peer]) await host.sh('sysctl -qw net.ipv4.ip_local_port_range="30000 32767"');
    await peer.peer('--role', 'worker');
    const found = await tried([own, peer], ...SWEEP, ...PEER);
    expect(found.filter(({ status }) => status === 'fail' || status === 'warn')).toEqual([]);
    expect(found.map(({ reason }) => reason)).toContain('undecided');
  },
);

/** Whatever a machine that is not in time says, nobody is accused. */
async function faultsOf(own: Host, ...args: string[]) {
  const { checks, coverage } = await own.check('--token-file', TOKEN_FILE, ...PEER, '--cni', 'flannel', ...args);
  const found = checks.flatMap(({ findings }) => findings);
  expect(coverage.pairs).toBe(2);
  return found.filter(({ status }) => status === 'fail' || status === 'warn');
}

const RANGE = ['--only', 'ports/reachable', '--only', 'ports/node-ports-reachable', '--node-port-range', '30000-30999'];

labTest.for([
  ['as soon as it listens', 'until ss -Htln sport = 10250 | grep -q .; do :; done', 4],
  ['in the middle', 'sleep 1', 2.5],
] as const)('a peer that stands still %s', async ([, moment, seconds], { lab }) => {
  const own = await lab.host('cp1', '10.77.0.1/24');
  const peer = await lab.host('cp2', '10.77.0.2/24');
  const { pid } = await peer.peer('--role', 'control-plane');
  const stopping = peer.sh(`${moment}; kill -STOP ${pid}; sleep ${seconds}; kill -CONT ${pid}`);
  expect(await faultsOf(own, '--role', 'control-plane', ...RANGE)).toEqual([]);
  await stopping;
});

labTest('a machine that stands still for 2.5 s while it conducts the run', async ({ lab }) => {
  const own = await lab.host('cp1', '10.77.0.1/24');
  const peer = await lab.host('cp2', '10.77.0.2/24');
  await peer.peer('--role', 'control-plane');
  const script = '"$0" "$@" & pid=$!; sleep 0.6; kill -STOP $pid; sleep 2.5; kill -CONT $pid; wait $pid';
  expect(await faultsOf(own.via('sh', '-c', script), '--role', 'control-plane', ...RANGE)).toEqual([]);
});

labTest('a peer that has a quarter of a processor, among busy programs', async ({ lab }) => {
  const own = await lab.host('cp1', '10.77.0.1/24');
  const peer = await lab.host('cp2', '10.77.0.2/24');
  const { pid } = await peer.peer('--role', 'control-plane');
  const busy = peer.sh(`for i in 1 2 3 4; do timeout 6 sh -c 'while :; do :; done' & done; wait`);
  const slow = peer.sh(`for i in $(seq 30); do kill -STOP ${pid}; sleep 0.15; kill -CONT ${pid}; sleep 0.05; done`);
  expect(await faultsOf(own, '--role', 'control-plane', ...RANGE)).toEqual([]);
  await Promise.all([busy, slow]);
});
