import { expect } from 'vitest';
import { complaints, labTest, TOKEN_FILE, type Host, type Lab } from './lab.ts';

const ENDPOINT = '10.77.0.100:6443';

/** A worker to be, and two control planes to be behind a load balancer. */
async function cluster(lab: Lab): Promise<[worker: Host, balancer: Host, planes: Host[]]> {
  const worker = await lab.host('w1', '10.77.0.1/24');
  const balancer = await lab.host('lb', '10.77.0.100/24');
  const planes = [await lab.host('cp1', '10.77.0.11/24'), await lab.host('cp2', '10.77.0.12/24')];
  for (const plane of planes) await plane.peer('--role', 'control-plane');
  return [worker, balancer, planes];
}

/** Passes every connection on to the next of these, in turn. */
async function balance(balancer: Host, ...targets: string[]): Promise<() => Promise<string>> {
  const script = `
    const { connect, createServer } = require("node:net");
    const targets = ${JSON.stringify(targets)};
    let turn = 0;
    createServer((client) => {
      const server = connect(6443, targets[turn++ % targets.length]);
      for (const [one, other] of [[client, server], [server, client]]) {
        one.on("error", () => other.destroy());
        one.pipe(other);
      }
    }).listen(6443, "10.77.0.100");`;
  await balancer.sh(`${process.execPath} -e '${script}' > /dev/null 2>&1 & echo $! > /run/balancer
    until ss -Htln sport = 6443 | grep -q .; do sleep 0.02; done`);
  return () => balancer.sh('kill $(cat /run/balancer)');
}

async function asked(worker: Host) {
  const peers = ['--peer', '10.77.0.11', '--peer', '10.77.0.12'] as const;
  const endpoint = ['--control-plane-endpoint', ENDPOINT, '--role', 'worker', '--timeout', '1s'] as const;
  const { checks } = await worker.check(
    '--only',
    'control-plane/endpoint',
    '--token-file',
    TOKEN_FILE,
    ...endpoint,
    ...peers,
  );
  return checks.flatMap(({ findings }) => findings);
}

labTest('the endpoint before the first init: what is behind it, and no false alarm', async ({ lab }) => {
  const [worker, balancer, planes] = await cluster(lab);
  const states = () => Promise.all(planes.map((plane) => plane.state()));
  const before = await states();

  const refusing = await asked(worker);
  expect(complaints(refusing)).toMatchObject([{ reason: 'unproved', status: 'warn' }]);

  const stop = await balance(balancer, '10.77.0.11', '10.77.0.12');
  const proved = await asked(worker);
  expect(complaints(proved)).toEqual([]);
  const proof = proved.find(({ reason }) => reason === 'proved');
  expect(proof).toMatchObject({ status: 'pass', subject: `${ENDPOINT} at 10.77.0.100` });
  expect(proof?.message).toMatch(/port 6443 of cp[12]/);
  await stop();

  // To a web server, which waits for a request.
  await worker.sh('true');
  const web = await lab.host('web', '10.77.0.200/24');
  await web.listen('nginx', 6443);
  const stopWeb = await balance(balancer, '10.77.0.200');
  expect((await asked(worker)).map(({ reason }) => reason)).toContain('not-tls');
  await stopWeb();

  // To nobody: connections are taken and end.
  const stopNobody = await balance(balancer, '10.77.0.200');
  await web.sh(
    'nft "add table inet t; add chain inet t i { type filter hook input priority 0; }; add rule inet t i tcp dport 6443 reject with tcp reset"',
  );
  expect(complaints(await asked(worker))).toMatchObject([{ reason: 'unproved', status: 'warn' }]);
  await stopNobody();
  expect(await states()).toEqual(before);
});

labTest('an address of the endpoint that a control plane has itself, as with keepalived', async ({ lab }) => {
  const worker = await lab.host('w1', '10.77.0.1/24');
  const planes = [await lab.host('cp1', '10.77.0.11/24', '10.77.0.100/32'), await lab.host('cp2', '10.77.0.12/24')];
  for (const plane of planes) await plane.peer('--role', 'control-plane');
  const states = () => Promise.all(planes.map((plane) => plane.state()));
  const before = await states();
  const proved = await asked(worker);
  expect(complaints(proved)).toEqual([]);
  expect(proved.find(({ reason }) => reason === 'proved')?.message).toContain('port 6443 of cp1');
  expect(await states()).toEqual(before);
});
