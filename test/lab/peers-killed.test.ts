import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { reportSchema, type Finding } from '../../src/report/schema.ts';
import { labTest, TOKEN_FILE, type Host } from './lab.ts';
import { rules } from './reach.ts';

/** A control plane, its add-on and part of the NodePorts: long enough for something to happen meanwhile. */
const RUN = [
  'check',
  '--json',
  '--role',
  'control-plane',
  '--cni',
  'flannel',
  '--only',
  'ports',
  '--node-port-range',
  '30000-30999',
  '--token-file',
  TOKEN_FILE,
] as const;

/** Everything that a run could leave, connections too. */
async function everything(hosts: readonly Host[]): Promise<string[]> {
  return Promise.all(hosts.map(async (host) => (await host.state()) + (await host.sh('ss -Htan | sort'))));
}

function findingsIn(stdout: string): Finding[] {
  return reportSchema.parse(JSON.parse(stdout)).checks.flatMap(({ findings }) => findings);
}

labTest('whoever conducts a run is killed: 20 s later every host is as before', async ({ lab }) => {
  const peer = await lab.host('cp1', '10.77.0.1/24');
  const moments = [0.3, 0.6, 1, 2];
  const others: Host[] = [];
  for (const [index] of moments.entries()) others.push(await lab.host(`cp${index + 2}`, `10.77.0.${index + 2}/24`));
  await peer.peer('--role', 'control-plane');
  await rules(peer, { input: ['tcp dport 30100-30199 drop'] });
  const before = await everything([peer, ...others]);
  const codes = await Promise.all(
    others.map(async (host, index) => {
      const script = `"$0" "$@" & pid=$!; sleep ${moments[index]}; kill -KILL $pid; wait $pid`;
      return (await host.via('sh', '-c', script).cli(...RUN, '--peer', '10.77.0.1')).code;
    }),
  );
  expect(codes).toEqual(moments.map(() => 137));
  await sleep(20_000);
  expect(await everything([peer, ...others])).toEqual(before);
});

labTest('a peer is killed: the run ends, and accuses nobody', async ({ lab }) => {
  const runs = [0.3, 0.7, 1.1, 2].map(async (moment, index) => {
    const own = await lab.host(`own${index}`, `10.77.${index}.1/24`);
    const peer = await lab.host(`peer${index}`, `10.77.${index}.2/24`);
    await rules(peer, { input: ['tcp dport 30100-30199 drop'] });
    const { pid } = await peer.peer('--role', 'control-plane');
    const before = await everything([own]);
    const killing = sleep(moment * 1_000).then(() => process.kill(pid ?? 0, 'SIGKILL'));
    const { stdout } = await own.cli(...RUN, '--peer', `10.77.${index}.2`);
    await killing;
    expect(await everything([own])).toEqual(before);
    return findingsIn(stdout);
  });
  for (const found of await Promise.all(runs)) {
    const between = found.filter(({ nodes }) => nodes.length > 1);
    // What was decided while it lived stays decided: the range that is dropped.
    expect(between.filter(({ status, subject }) => status === 'fail' && subject !== 'tcp/30100-30199')).toEqual([]);
    expect(found.some(({ reason }) => reason === 'undecided' || reason === 'peer-unreachable')).toBe(true);
  }
});

/** The CLI, and a signal for it once it is where the condition says. */
function signalled(host: Host, signal: string, condition: string): Host {
  return host.via(
    'sh',
    '-c',
    `"$0" "$@" & pid=$!; until ${condition}; do sleep 0.02; done; kill -${signal} $pid; wait $pid`,
  );
}

labTest('SIGINT in the middle: what was found so far, and nothing left open', async ({ lab }) => {
  const own = await lab.host('cp1', '10.77.0.1/24');
  const peer = await lab.host('cp2', '10.77.0.2/24');
  await peer.peer('--role', 'control-plane');
  await rules(peer, { input: ['tcp dport 30100-30199 drop'] });
  const before = await everything([own, peer]);
  const waiting = signalled(own, 'INT', 'ss -Htn state syn-sent | grep -q .');
  const { code, stdout } = await waiting.cli(...RUN, '--peer', '10.77.0.2');
  expect(code).toBe(130);
  const found = findingsIn(stdout);
  expect(found.filter(({ status }) => status === 'fail')).toEqual([]);
  expect(found.some(({ reason }) => reason === 'interrupted' || reason === 'undecided')).toBe(true);
  expect(await everything([own, peer])).toEqual(before);
});

labTest('a peer that is told to end in the middle: it ends with 0, and has closed everything', async ({ lab }) => {
  const own = await lab.host('cp1', '10.77.0.1/24');
  const peer = await lab.host('cp2', '10.77.0.2/24');
  const before = await everything([own, peer]);
  const child = await peer.peer('--role', 'control-plane');
  const ended = new Promise((done) => child.once('exit', done));
  const checking = own.cli(...RUN, '--peer', '10.77.0.2');
  await peer.sh('until ss -Htln | grep -q :10250; do sleep 0.02; done');
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  const found = findingsIn((await checking).stdout);
  expect(found.filter(({ status, nodes }) => status === 'fail' && nodes.length > 1)).toEqual([]);
  expect(await everything([own, peer])).toEqual(before);
});
