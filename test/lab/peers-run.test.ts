import { expect } from 'vitest';
import { reportSchema, type Report } from '../../src/report/schema.ts';
import { labTest, TOKEN_FILE, type Host } from './lab.ts';
import { pair, QUICK, rules } from './reach.ts';

const PEER = ['--peer', '10.77.0.2', '--token-file', TOKEN_FILE] as const;

/** All that a judgement says, without when and how long. */
function judged({ checks, verdict, coverage, summary }: Report) {
  return {
    verdict,
    coverage,
    summary,
    checks: checks.map(({ id, status, findings }) => ({ id, status, findings })),
  };
}

labTest('a peer that comes up later is waited for, and otherwise told of with the line that helps', async ({ lab }) => {
  const own = await lab.host('cp1', '10.77.0.1/24');
  const peer = await lab.host('cp2', '10.77.0.2/24');
  const absent = await own.cli('check', ...QUICK, ...PEER);
  expect(absent).toMatchObject({ code: 3, stdout: expect.stringContaining('peer-unreachable') as string });
  const waiting = own.cli('check', '--json', ...QUICK, ...PEER, '--wait', '20s');
  await own.sh('sleep 3');
  await peer.peer();
  const { code, stdout } = await waiting;
  expect({ code, verdict: reportSchema.parse(JSON.parse(stdout)).verdict }).toEqual({ code: 0, verdict: 'ready' });
});

labTest('what was said wrong touches nothing: another role, no token', async ({ lab }) => {
  const own = await lab.host('cp1', '10.77.0.1/24');
  const peer = await lab.host('cp2', '10.77.0.2/24');
  await peer.peer('--role', 'control-plane');
  const before = await peer.state();
  const role = await own.cli('check', ...QUICK, '--peer', 'worker@10.77.0.2', '--token-file', TOKEN_FILE);
  expect(role).toMatchObject({ code: 3, stdout: '' });
  expect(role.stderr).toMatch(/worker@10\.77\.0\.2.*control-plane/);
  const token = await own.cli('check', ...QUICK, '--peer', '10.77.0.2');
  expect(token).toMatchObject({ code: 3, stdout: '' });
  expect(token.stderr).toContain('seaworthy token > ');
  expect(token.stderr).toContain('seaworthy listen --token-file');
  const bare = await peer.cli('listen');
  expect(bare).toMatchObject({ code: 3, stdout: '' });
  expect(bare.stderr).toContain('seaworthy check --peer 10.77.0.2 --token-file');
  expect(await peer.state()).toBe(before);
});

labTest(
  'this machine as its own peer, and one machine under two names; a machine that is called self',
  async ({ lab }) => {
    const own = await lab.host('cp1', '10.77.0.1/24');
    const peer = await lab.host('cp2', '10.77.0.2/24', '10.77.0.3/24');
    await own.peer();
    await peer.peer();
    const token = ['--token-file', TOKEN_FILE] as const;
    for (const address of ['127.0.0.1', '10.77.0.1']) {
      const itself = await own.cli('check', ...QUICK, '--peer', address, ...token);
      expect(itself).toMatchObject({ code: 3, stdout: '' });
      expect(itself.stderr).toContain(`--peer ${address}: that is this machine`);
    }
    const twice = await own.cli('check', ...QUICK, '--peer', '10.77.0.2', '--peer', 'worker@10.77.0.3', ...token);
    expect(twice).toMatchObject({ code: 3, stdout: '' });
    expect(twice.stderr).toContain('--peer 10.77.0.2 and --peer worker@10.77.0.3 are one machine');
    await own.sh('echo 10.77.0.2 self >> /etc/hosts');
    const called = await own.check(...QUICK, '--peer', 'self', ...token);
    expect(called).toMatchObject({ verdict: 'ready', coverage: { pairs: 2, pairsTested: 2 } });
  },
);

labTest.for(['serves as a peer', 'checks with a peer'] as const)(
  'a check of a machine that %s at the moment',
  async (what, { lab }) => {
    const [own, peer] = await pair(lab);
    const busy = what === 'serves as a peer' ? peer : own;
    // What is silent is looked at twice, so that the listeners stay for a while.
    await rules(busy, { input: ['tcp dport { 10250, 30000-30099 } drop'] });
    const plan = ['--role', 'control-plane', '--node-port-range', '30000-30099'] as const;
    const run = own.cli('check', ...plan, '--only', 'ports', ...PEER);
    await busy.sh('until ss -Htln sport = 30099 | grep -q .; do sleep 0.02; done');
    const { checks } = await busy.check(...plan, '--only', 'ports/available', '--only', 'ports/node-port-range');
    await run;
    const findings = checks.flatMap((check) => check.findings);
    expect(findings.filter(({ reason }) => reason === 'in-use' || reason === 'listener-in-range')).toEqual([]);
    expect(
      findings.filter(({ message }) => message.includes('seaworthy itself')).map(({ subject }) => subject),
    ).toEqual(expect.arrayContaining(['tcp/10250', '30000-30099']) as string[]);
  },
);

labTest('a run that is interrupted says so where it says how it went', async ({ lab }) => {
  const [own, peer] = await pair(lab);
  await rules(peer, { input: ['tcp dport { 2379, 2380 } drop'] });
  const script = `"$0" "$@" & pid=$!; until ss -Htn state syn-sent | grep -q 10.77.0.2:2379; do sleep 0.02; done; kill -INT $pid; wait $pid`;
  const { code, stdout } = await own.via('sh', '-c', script).cli('check', ...QUICK, ...PEER);
  expect(code).toBe(130);
  expect(stdout).toMatch(/^UNKNOWN[^]* interrupted after \d\.\d\d s$/m);
});

labTest('saved evidence of both sides gives the same findings', async ({ lab }) => {
  const [own, peer] = await pair(lab);
  await rules(peer, { input: ['tcp dport 2379 drop', 'udp dport 8472 drop', 'tcp dport 30100-30199 drop'] });
  const args = ['--role', 'control-plane', '--cni', 'flannel', '--node-port-range', '30000-30299'] as const;
  const only = [
    'ports/reachable',
    'ports/node-ports-reachable',
    'network/mtu',
    'time/skew',
    'identity',
    'network/mac-addresses',
  ];
  const checks = only.flatMap((name) => ['--only', name]);
  const live = await own.check(...args, ...checks, ...PEER, '--save-facts', '/run/facts.json');
  const saved = await own.check(...args, ...checks, '--facts', '/run/facts.json');
  expect(judged(saved)).toEqual(judged(live));
  expect(live.summary.fail).toBeGreaterThan(1);
});

labTest.for([
  ['of one node each', false],
  ['with the other node as its peer', true],
] as const)(
  'saved facts of two runs, %s: of what no packets went between nothing is undecided',
  async ([, met], { lab }) => {
    const [own, other] = await pair(lab);
    await own.peer();
    const peer = (address: string) => (met ? ['--peer', address, '--token-file', TOKEN_FILE] : []);
    const only = ['ports/reachable', 'ports/node-ports-reachable', 'network/mtu', 'time/skew'].flatMap((id) => [
      '--only',
      id,
    ]);
    const plan = ['--role', 'worker', '--node-port-range', '30000-30019', ...only];
    const files = ['/run/first.json', '/run/second.json'] as const;
    for (const host of [own, other]) await host.sh('ip route add default via 10.77.0.254');
    await own.check(...plan, ...peer('10.77.0.2'), '--save-facts', files[0]);
    await other.check(...plan, ...peer('10.77.0.1'), '--save-facts', files[1]);
    own.write(files[1], await other.sh(`cat ${files[1]}`));
    const { code, stdout } = await own.cli('compare', ...files, ...plan, '--cni', 'flannel', '--json');
    const { checks, summary } = reportSchema.parse(JSON.parse(stdout));
    expect({ code, unknown: summary.unknown }).toEqual({ code: 0, unknown: 0 });
    expect(
      checks
        .flatMap(({ findings }) => findings.filter(({ reason }) => reason === 'no-peers'))
        .map(({ check, nodes }) => [check, nodes.length]),
    ).toEqual([
      ['ports/node-ports-reachable', 2],
      ['ports/reachable', 2],
      ['time/skew', 2],
    ]);
  },
);

labTest(
  'saved facts of a mesh beside those of another node: what went between is judged, and nothing else is undecided',
  async ({ lab }) => {
    const [first, second] = await pair(lab);
    const third = await lab.host('w3', '10.77.0.3/24');
    const conductor = await lab.host('laptop', '10.77.0.100/24');
    const nodes = [first, second, third];
    for (const node of nodes) await node.sh('ip route add default via 10.77.0.254');
    await first.peer('--role', 'worker');
    const ids = ['ports/reachable', 'ports/node-ports-reachable', 'network/mtu', 'time/skew'];
    const only = ids.flatMap((id) => ['--only', id]);
    const plan = ['--cni', 'flannel', '--node-port-range', '30000-30019', ...only];
    const peers = ['--peer', '10.77.0.1', '--peer', '10.77.0.2', '--token-file', TOKEN_FILE];
    await conductor.cli('mesh', ...peers, ...plan, '--save-facts', '/run/mesh.json');
    await third.check('--role', 'worker', ...plan, '--save-facts', '/run/third.json');
    conductor.write('/run/third.json', await third.sh('cat /run/third.json'));
    const { code, stdout } = await conductor.cli('compare', '/run/mesh.json', '/run/third.json', ...plan, '--json');
    const { checks, summary, coverage } = reportSchema.parse(JSON.parse(stdout));
    expect({ code, unknown: summary.unknown, coverage }).toMatchObject({
      code: 0,
      unknown: 0,
      coverage: { nodes: 3, pairs: 6, pairsTested: 2 },
    });
    const found = checks.flatMap(({ findings }) => findings);
    expect(
      found
        .filter(({ reason }) => reason === 'no-peers')
        .map(({ check, nodes: of, message }) => [check, of.length, message]),
    ).toEqual([
      ['network/mtu', 3, 'No packets went between the nodes of /run/mesh.json and /run/third.json.'],
      ['ports/node-ports-reachable', 3, 'No packets went between the nodes of /run/mesh.json and /run/third.json.'],
      ['ports/reachable', 3, 'No packets went between the nodes of /run/mesh.json and /run/third.json.'],
      ['time/skew', 1, 'No packets were sent in the run of /run/third.json.'],
    ]);
    expect(
      found.filter(({ check, status }) => check === 'ports/reachable' && status === 'pass').length,
    ).toBeGreaterThan(1);
  },
);

labTest('the text of a run: a matrix, and a block for each story with both sides', async ({ lab }) => {
  const nodes: Host[] = [];
  for (const index of [1, 2, 3]) nodes.push(await lab.host(`cp${index}`, `10.77.0.${index}/24`));
  const [first, second, third] = nodes;
  if (first === undefined || second === undefined || third === undefined) throw new Error('there are three');
  for (const node of nodes) await node.peer('--role', 'control-plane');
  await rules(second, { input: ['ip saddr 10.77.0.1 tcp dport 10250 drop'] });
  await rules(third, { output: ['ip daddr 10.77.0.1 tcp sport 2380 drop'] });
  const conductor = await lab.host('laptop', '10.77.0.100/24');
  const peers = [1, 2, 3].flatMap((index) => ['--peer', `control-plane@10.77.0.${index}`]);
  const mesh = await conductor.cli('mesh', '--only', 'ports/reachable', ...peers, '--token-file', TOKEN_FILE);
  expect(mesh).toMatchObject({ code: 2, stderr: '' });
  const lines = mesh.stdout.split('\n');
  const row = (name: string) => lines.find((line) => line.startsWith(`${name} `) && / (ok|FAIL|\.) /.test(line));
  expect(lines.find((line) => line.startsWith('from \\ to'))?.split(/\s{2,}/)).toEqual(
    expect.arrayContaining(['cp1', 'cp2', 'cp3']) as string[],
  );
  expect(row('cp1')).toMatch(/\. +FAIL +FAIL/);
  expect(row('cp2')).toMatch(/ok +\. +ok/);
  expect(row('cp3')).toMatch(/ok +ok +\./);
  expect(mesh.stdout).toMatch(/cp1 -> cp2 +tcp\/10250 +request-lost/);
  expect(mesh.stdout).toMatch(/cp1 -> cp3 +tcp\/2380 +reply-lost/);
  expect(mesh.stdout).toMatch(/^NOT READY/m);
  expect(mesh.stdout).toMatch(/^covers /m);

  const check = await conductor.cli(
    'check',
    '--only',
    'ports/reachable',
    '--role',
    'worker',
    ...peers,
    '--token-file',
    TOKEN_FILE,
  );
  expect(check).toMatchObject({ code: 0, stderr: '' });
  expect(check.stdout).toMatch(/^READY/m);
  expect(check.stdout).toContain('cp3');
});
