import { expect } from 'vitest';
import { neighbours } from '../../src/judging/reach/ring.ts';
import { ASKED, KUBECONFIG, serveApi, timesAsked } from './api.ts';
import { labTest, TOKEN_FILE, type Lab } from './lab.ts';
import { rules } from './reach.ts';
import { metricsOf, servingNodes, type ServingNodes, type ToldNode } from './serving-nodes.ts';

const REACHABLE = ['--only', 'ports/reachable', '--interval', '2s', '--budget', '8s'] as const;

const ringTest = labTest.extend('start', async ({ lab }, { onCleanup }) => {
  const started: ServingNodes[] = [];
  onCleanup(async () => {
    for (const nodes of started) await nodes.close();
  });
  return async (told: readonly ToldNode[]): Promise<ServingNodes> => {
    const nodes = await servingNodes(lab satisfies Lab, told);
    started.push(nodes);
    return nodes;
  };
});

/** The first one is a control plane. */
function nodesOf(...names: readonly string[]): ToldNode[] {
  return names.map((name, index) => ({ name, ip: `10.77.0.${index + 1}`, controlPlane: index === 0 }));
}

type Metrics = ReadonlyMap<string, number>;

/** Labels of the series of a metric that are not 0. */
function on(metrics: Metrics, name: string): string[] {
  const keys = [...metrics].flatMap(([key, value]) => (key.startsWith(`${name}{`) && value > 0 ? [key] : []));
  return keys.map((key) => key.slice(name.length)).sort();
}

const pair = (source: string, destination: string, status: string) =>
  `{source="${source}",destination="${destination}",status="${status}"}`;
const checkers = (metrics: Metrics) =>
  on(metrics, 'checked_by_age_seconds').map((labels) => /"(.*)"/.exec(labels)?.[1] ?? '');

ringTest(
  'nodes find each other by the API; a dropped port is told by the two nodes of that way alone',
  { timeout: 180_000 },
  async ({ start }) => {
    const told = nodesOf('cp1', 'w1', 'w2');
    const nodes = await start(told);
    const hosts = [...nodes.hosts.values()];
    const before = await Promise.all(hosts.map((host) => host.state()));
    for (const { name } of told) nodes.serve(name, ...REACHABLE);
    const all = (name: string) => nodes.until(name, (seen) => checkers(seen).length === 2 && seen.has('pairs'));

    for (const { name } of told) {
      const metrics = await all(name);
      expect([metrics.get('cluster_nodes'), metrics.get('neighbours'), metrics.get('checked_by_nodes')]).toEqual([
        3, 2, 2,
      ]);
      expect(checkers(metrics)).toEqual(told.map((each) => each.name).filter((each) => each !== name));
    }
    const ways = [
      pair('cp1', 'w1', 'pass'),
      pair('cp1', 'w2', 'pass'),
      pair('w1', 'cp1', 'pass'),
      pair('w2', 'cp1', 'pass'),
    ];
    const well = await nodes.until('cp1', (seen) => on(seen, 'pair_status').join() === ways.join());
    expect(on(well, 'verdict')).toEqual(['{verdict="ready"}']);
    await nodes.until('w2', (seen) => on(seen, 'pair_status').join() === [ways[1], ways[3]].join());

    const w1 = nodes.hosts.get('w1');
    if (w1 === undefined) throw new Error('w1 is there');
    await rules(w1, { input: ['tcp dport 10250 drop'] });
    const failed = [pair('cp1', 'w1', 'fail'), ...ways.slice(1)];
    const ill = await nodes.until('cp1', (seen) => on(seen, 'pair_status').join() === failed.join());
    expect(on(ill, 'verdict')).toEqual(['{verdict="not-ready"}']);
    await nodes.until('w1', (seen) => on(seen, 'pair_status').join() === [failed[0], ways[2]].join());
    const other = await nodes.until('w2', (seen) => (seen.get('runs_total') ?? 0) > 4);
    expect(on(other, 'pair_status')).toEqual([ways[1], ways[3]]);
    expect(on(other, 'verdict')).toEqual(['{verdict="ready"}']);

    await w1.sh('nft delete table inet faults');
    await nodes.until('cp1', (seen) => on(seen, 'pair_status').join() === ways.join());
    for (const { name } of told) await nodes.stop(name);
    await Promise.all(hosts.map((host) => host.sh('rm /run/serve.pid')));
    await expect.poll(() => Promise.all(hosts.map((host) => host.state())), { timeout: 10_000 }).toEqual(before);
  },
);

ringTest(
  'nodes come and go; one that nobody checks is seen; without the API the last ring goes on',
  { timeout: 180_000 },
  async ({ start }) => {
    const told = nodesOf('cp1', 'w1', 'w2');
    const nodes = await start(told);
    await nodes.tell(told.slice(0, 2));
    for (const { name } of told.slice(0, 2)) nodes.serve(name, ...REACHABLE);
    await nodes.until('cp1', (seen) => seen.get('cluster_nodes') === 2 && seen.get('neighbours') === 1);
    await nodes.until('cp1', (seen) => on(seen, 'pair_status').length === 2);

    await nodes.tell(told);
    nodes.serve('w2', ...REACHABLE);
    await nodes.until('cp1', (seen) => on(seen, 'pair_status').includes(pair('cp1', 'w2', 'pass')));
    await nodes.until('cp1', (seen) => checkers(seen).join() === 'w1,w2');

    await nodes.tell(told.filter(({ name }) => name !== 'w1'));
    const without = await nodes.until(
      'cp1',
      (seen) => seen.get('cluster_nodes') === 2 && on(seen, 'pair_status').length === 2,
    );
    expect(on(without, 'pair_status')).toEqual([pair('cp1', 'w2', 'pass'), pair('w2', 'cp1', 'pass')]);
    expect(checkers(without)).toEqual(['w2']);

    await nodes.stop('w1');
    await nodes.stop('cp1');
    const alone = await nodes.until('w2', (seen) => seen.get('checked_by_nodes') === 0 && seen.get('neighbours') === 1);
    expect(on(alone, 'check_status')).toEqual(['{check="ports/reachable",category="ports",status="unknown"}']);

    nodes.serve('cp1', ...REACHABLE);
    await nodes.until('w2', (seen) => seen.get('checked_by_nodes') === 1);
    await rules(hostOf(nodes, 'w2'), { output: ['tcp dport 6443 drop'] });
    const cut = await nodes.until('w2', (seen) => (seen.get('cluster_read_age_seconds') ?? 0) > 6);
    expect([cut.get('cluster_nodes'), cut.get('neighbours')]).toEqual([2, 1]);
    await nodes.until('w2', (seen) => on(seen, 'pair_status').includes(pair('w2', 'cp1', 'fail')));
    // The run that found the fault may have read the API just before.
    const health = () => hostOf(nodes, 'w2').sh('curl -s http://127.0.0.1:10778/healthz');
    await expect
      .poll(health, { timeout: 30_000 })
      .toMatch(/^unknown: the nodes of the cluster: the API server https:\/\/10\.77\.0\.1:6443 /m);
    expect(await health()).toMatch(/^fail: ports\/reachable w2 -> cp1 tcp\/6443 blocked-locally$/m);
  },
);

ringTest(
  'of a larger cluster each node checks the next ten on the ring, and is checked by the ten before it',
  { timeout: 240_000 },
  async ({ start }) => {
    const told = nodesOf('cp1', ...Array.from({ length: 12 }, (_, index) => `w${index + 1}`));
    const names = told.map(({ name }) => name);
    const nodes = await start(told);
    for (const name of names) nodes.serve(name, '--only', 'time/skew', '--interval', '5s');
    for (const name of names) {
      const metrics = await nodes.until(name, (seen) => seen.get('checked_by_nodes') === 10);
      expect(metrics.get('cluster_nodes')).toBe(13);
      expect(metrics.get('neighbours')).toBe(10);
      expect(checkers(metrics)).toEqual(names.filter((each) => neighbours(names, each, 10).includes(name)).sort());
    }
  },
);

labTest('a beat reads the nodes of the cluster once, for the ring and for what is judged', async ({ lab }) => {
  const host = await lab.host('n1', '10.77.0.1/24');
  const node = (name: string, address: string) => ({
    metadata: { name },
    spec: { podCIDR: '10.244.1.0/24' },
    status: { addresses: [{ type: 'InternalIP', address }] },
  });
  await serveApi(
    host,
    {
      '/version': { gitVersion: 'v1.36.2' },
      '/api/v1/nodes': [node('n1', '10.77.0.1'), node('n2', '10.77.0.2')],
    },
    ASKED,
  );
  const args = ['--kubeconfig', KUBECONFIG, '--token-file', TOKEN_FILE, '--only', 'cluster/pod-cidrs'];
  const serving = host
    .via('sh', '-c', '"$0" "$@" & echo $! > /run/serve.pid; wait $!')
    .cli('serve', '--interval', '1s', ...args);
  await expect.poll(async () => (await metricsOf(host)).get('runs_total') ?? 0, { timeout: 60_000 }).toBeGreaterThan(3);
  const metrics = await metricsOf(host);
  const asked = await timesAsked(host, '/api/v1/nodes');
  await host.sh('kill -TERM $(cat /run/serve.pid)');
  expect((await serving).code).toBe(0);
  // A run may have begun since, and one may have ended.
  expect(Math.abs(asked - (metrics.get('runs_total') ?? 0))).toBeLessThanOrEqual(1);
  expect([metrics.get('cluster_nodes'), metrics.get('neighbours')]).toEqual([2, 1]);
  expect(on(metrics, 'check_status')).toEqual(['{check="cluster/pod-cidrs",category="cluster",status="fail"}']);
});

function hostOf({ hosts }: ServingNodes, name: string) {
  const host = hosts.get(name);
  if (host === undefined) throw new Error(`there is no node ${name}`);
  return host;
}
