import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { reportSchema, type Report } from '../../src/report/schema.ts';
import { labTest, TOKEN_FILE, type Host } from './lab.ts';
import { pair, QUICK } from './reach.ts';

const PEER = ['--peer', '10.77.0.2', '--token-file', TOKEN_FILE] as const;

/** What `serve` says in the host, once it is as wanted. */
async function until(host: Host, wanted: (report: Report, runs: number) => boolean): Promise<Report> {
  for (let tries = 0; tries < 150; tries++) {
    const text = await host.sh(
      'curl -s http://127.0.0.1:10778/report.json && curl -s http://127.0.0.1:10778/metrics || true',
    );
    const [json = '', ...metrics] = text.split(/^\}$/m);
    const runs = Number(/^seaworthy_runs_total (\d+)$/m.exec(metrics.join(''))?.[1]);
    if (metrics.length > 0 && runs > 0) {
      const report = reportSchema.parse(JSON.parse(`${json}}`));
      if (wanted(report, runs)) return report;
    }
    await sleep(200);
  }
  throw new Error('it did not become so');
}

/** Local ends of the control channels that are open in the host. */
const channels = async (host: Host) =>
  (await host.sh("ss -Htn state established dport = 10777 | awk '{print $3}'")).trim().split('\n').sort();

labTest('sessions last from run to run; a peer that went away is met again; nothing is left open', async ({ lab }) => {
  const own = await lab.host('cp1', '10.77.0.1/24');
  const peer = await lab.host('cp2', '10.77.0.2/24');
  const first = await peer.peer();
  const [ownBefore, peerBefore] = [await own.state(), await peer.state()];
  const served = own
    .via('sh', '-c', '"$0" "$@" & echo $! > /run/serve.pid; wait $!')
    .cli('serve', ...QUICK, ...PEER, '--interval', '500ms');

  const report = await until(own, (_, runs) => runs > 1);
  expect(report).toMatchObject({ verdict: 'ready', run: { command: 'serve' }, coverage: { pairs: 2, pairsTested: 2 } });
  const open = await channels(own);
  await until(own, (_, runs) => runs > 6);
  // Several calls at once take more of them, up to four; the one that the token was proved on stays.
  expect((await channels(own)).filter((each) => open.includes(each))).not.toEqual([]);

  first.kill('SIGTERM');
  // A run that was under way says that it is undecided; the next one that nobody is there.
  const isGone = ({ reason }: { readonly reason: string }) => reason === 'peer-unreachable';
  const gone = await until(own, ({ checks }) => checks.some(({ findings }) => findings.some(isGone)));
  expect(gone.verdict).toBe('unknown');
  const health = await own.sh('curl -s -o /dev/null -w "%{http_code}" http://127.0.0.1:10778/healthz');
  expect(health).toBe('503');
  await peer.peer();
  await until(own, ({ verdict }) => verdict === 'ready');

  await own.sh('kill -TERM $(cat /run/serve.pid)');
  const { code, stdout, stderr } = await served;
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(stderr).toMatch(/^seaworthy: serving [^\n]*\n$/);
  await own.sh('rm /run/serve.pid');
  await sleep(500);
  expect(await own.state()).toBe(ownBefore);
  expect(await peer.state()).toBe(peerBefore);
});

labTest(
  'its own listeners of one run are no fault of the next; NodePorts are left alone unless they are named',
  async ({ lab }) => {
    const [own] = await pair(lab);
    const plan = ['--role', 'control-plane', '--node-port-range', '30000-30099', '--interval', '10ms'] as const;
    const serve = own.via('sh', '-c', '"$0" "$@" & echo $! > /run/serve.pid; wait $!');
    const served = serve.cli('serve', ...plan, '--only', 'ports', ...PEER);
    const seen: string[] = [];
    const report = await until(own, ({ checks }, runs) => {
      seen.push(...checks.flatMap(({ findings }) => findings.map(({ reason }) => reason)));
      return runs > 10;
    });
    expect(seen.filter((reason) => reason === 'in-use' || reason === 'listener-in-range')).toEqual([]);
    const swept = (each: Report) => each.checks.find(({ id }) => id === 'ports/node-ports-reachable')?.status;
    expect(swept(report)).toBe('skip');
    await own.sh('kill -TERM $(cat /run/serve.pid)');
    expect(await served).toMatchObject({ code: 0 });

    const named = serve.cli('serve', ...plan, '--only', 'ports/node-ports-reachable', ...PEER);
    expect(swept(await until(own, (_, runs) => runs > 1))).toBe('pass');
    await own.sh('kill -TERM $(cat /run/serve.pid)');
    expect(await named).toMatchObject({ code: 0 });
  },
);
