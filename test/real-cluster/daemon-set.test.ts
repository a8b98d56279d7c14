import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { newToken } from '../../src/peers/token.ts';
import { baseSystem } from '../lab/base-system.ts';
import { buildImage, PROGRAMS_OF } from '../lab/image.ts';
import type { Host } from '../lab/lab.ts';
import { composed, templateOf } from '../lab/manifests.ts';
import { rules } from '../lab/reach.ts';
import { metricsOf } from '../lab/serving-nodes.ts';
import { clusterTest } from './cluster-test.ts';
import { makeThreeNodes, type ThreeNodes } from './three-nodes.ts';

/** The DaemonSet of deploy/kustomize, started by kubelets from the images of deploy/. */
const daemonSetTest = clusterTest(async (lab) => {
  const cluster = await makeThreeNodes(lab);
  await loadImages(cluster);
  const { host, kubectl } = cluster.controlPlane;
  await kubectl('create namespace seaworthy');
  host.write('/run/token', newToken(), 0o600);
  await kubectl('-n seaworthy create secret generic seaworthy-token --from-file=token=/run/token');
  return cluster;
});

/** Both of them, on every node. */
async function loadImages({ nodes }: ThreeNodes): Promise<void> {
  const images = buildImage(baseSystem(isNeeded, null, PROGRAMS_OF), true);
  const directory = mkdtempSync(join(tmpdir(), 'seaworthy-archives-'));
  try {
    for (const components of [[], ['pods']]) {
      const archive = join(directory, `${components.join()}.tar`);
      images.save(templateOf(composed(...components)).spec.containers[0].image, archive);
      for (const { host } of nodes) await host.sh(`ctr -n k8s.io images import --snapshotter native ${archive}`);
    }
  } finally {
    images.remove();
    rmSync(directory, { recursive: true });
  }
}

function isNeeded(reason: string): never {
  throw new Error(reason);
}

/** Applies it with these components, and waits until it runs on every node. A run a minute is too slow for a test, and Debian 12 has no crictl, which host/commands wants. */
async function rollOut({ controlPlane: { apply, kubectl } }: ThreeNodes, ...components: string[]): Promise<void> {
  const items = composed('before-1.30', ...components);
  const { value = '' } = templateOf(items).spec.containers[0].env.find(({ name }) => name === 'SEAWORTHY_SKIP') ?? {};
  const skipped = ['host/commands', value].filter(Boolean).map((id) => `--skip=${id}`);
  const args = ['serve', '--interval=10s', ...skipped].map((arg) => JSON.stringify(arg)).join();
  await apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }).replace('"serve"', args));
  await kubectl('-n seaworthy rollout status daemonset/seaworthy --timeout 240s');
}

const CHECK = /^check_status\{check="(.*?)",.*status="(fail|unknown|warn)"\}$/;
const WAY = /^pair_status\{source="(.*)",destination="(.*)",status="(fail|unknown|warn)"\}$/;

/** What the metrics of a node tell: its part of the ring, and what is not as it should be. */
async function shown(host: Host) {
  const metrics = await metricsOf(host);
  const on = [...metrics].flatMap(([key, value]) => (value === 1 ? [key] : []));
  const wrong = on.flatMap((key) => (CHECK.exec(key) ?? WAY.exec(key))?.slice(1).join(' ') ?? []);
  const [checks, checkedBy] = [metrics.get('neighbours'), metrics.get('checked_by_nodes')];
  return { checks, checkedBy, ran: metrics.has('verdict{verdict="ready"}'), wrong: wrong.sort() };
}

/** Until the nodes tell so: of each what is not as it should be. */
async function become({ nodes }: ThreeNodes, ...wrong: readonly (readonly string[])[]): Promise<void> {
  const all = () => Promise.all(nodes.map(({ host }) => shown(host)));
  const wanted = wrong.map((each) => ({ checks: 2, checkedBy: 2, ran: true, wrong: each.toSorted() }));
  await expect.poll(all, { timeout: 180_000, interval: 1_000 }).toEqual(wanted);
}

daemonSetTest('each node checks the others and is checked by them; nothing is wrong', async ({ setting: cluster }) => {
  await rollOut(cluster);
  await become(cluster, [], [], []);
});

daemonSetTest('10250 dropped: the two nodes of that way tell it', async ({ setting: cluster }) => {
  const { host } = cluster.nodes[1];
  await rules(host, { input: ['iifname eth0 tcp dport 10250 drop'] });
  const told = ['ports/reachable fail', 'n1 n2 fail'];
  await become(cluster, told, told, []);
  await host.sh('nft delete table inet faults');
  await become(cluster, [], [], []);
});

daemonSetTest('ip_forward off: the node tells it', async ({ setting: cluster }) => {
  const { host } = cluster.nodes[1];
  await host.sh('sysctl -qw net.ipv4.ip_forward=0');
  await become(cluster, [], ['kernel/ip-forward fail'], []);
  await host.sh('sysctl -qw net.ipv4.ip_forward=1');
  await become(cluster, [], [], []);
});

daemonSetTest(
  'with pods: a route to those of a node is missing, and both nodes tell it',
  async ({ setting: cluster }) => {
    await rollOut(cluster, 'pods');
    await become(cluster, [], [], []);
    const [first, second] = cluster.nodes;
    for (const check of ['pods/same-node', 'pods/cross-node'])
      expect((await metricsOf(second.host)).get(`check_status{check="${check}",category="pods",status="pass"}`)).toBe(
        1,
      );
    await second.host.sh(`ip route delete ${first.podNetwork}`);
    const told = ['pods/cross-node fail', 'n1 n2 fail', 'n2 n1 fail'];
    await become(cluster, told, told, []);
    await second.host.sh(`ip route add ${first.podNetwork} via ${first.address}`);
    await become(cluster, [], [], []);
  },
);
