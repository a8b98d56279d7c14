import { expect, test } from 'vitest';
import { asAsked, DASHBOARD, labelsOf } from './dashboard.ts';
import { labTest } from './lab.ts';
import { startPrometheus } from './prometheus.ts';
import { rules } from './reach.ts';
import { servingNodes, type ToldNode } from './serving-nodes.ts';

test('panels lie beside each other, each with a number of its own', () => {
  const { panels } = DASHBOARD;
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = panels.flatMap(({ title, gridPos: { x, y, w, h } }) => {
    expect(x + w, title).toBeLessThanOrEqual(24);
    return Array.from({ length: w * h }, (_, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`);
  });
  expect(new Set(cells).size).toBe(cells.length);
});

labTest(
  'each panel shows what Prometheus has of nodes that serve, and each variable the choices',
  { timeout: 180_000 },
  async ({ lab }) => {
    const told: readonly ToldNode[] = ['cp1', 'w1', 'w2'].map((name, index) => ({
      name,
      ip: `10.77.0.${index + 1}`,
      controlPlane: index === 0,
    }));
    const nodes = await servingNodes(lab, told);
    try {
      const [cp1, w1] = [...nodes.hosts.values()];
      if (cp1 === undefined || w1 === undefined) throw new Error('there are three');
      await rules(w1, { input: ['tcp dport 10250 drop'] });
      const args = ['--listen', ':10778', '--allow-remote', '--only', 'ports/reachable', '--interval', '2s'];
      for (const { name } of told) nodes.serve(name, ...args);
      const prometheus = await startPrometheus(cp1, new Map(told.map(({ name, ip }) => [name, ip])));
      const shown = async (title: string) => {
        const [target] = DASHBOARD.panels.find((each) => each.title === title)?.targets ?? [];
        return prometheus.query(asAsked(target?.expr ?? ''));
      };
      const cells = async (title: string, row: string, column: string) => {
        const given = (await shown(title)).map(({ labels, value }) => [`${labels[row]} ${labels[column]}`, value]);
        return Object.fromEntries(given);
      };

      const ways = { 'cp1 w1': 3, 'cp1 w2': 0, 'w1 cp1': 0, 'w2 cp1': 0 };
      await expect.poll(() => cells('Who reaches whom', 'source', 'destination'), { timeout: 90_000 }).toEqual(ways);
      const pairs = ['cp1 w1', 'cp1 w2', 'w1 cp1', 'w1 w2', 'w2 cp1', 'w2 w1'];
      const checked = async () => Object.keys(await cells('Who checked whom', 'source', 'instance')).sort();
      await expect.poll(checked, { timeout: 90_000 }).toEqual(pairs);
      const verdicts = async () => {
        const given = await shown('Readiness of each node');
        return Object.fromEntries(given.map(({ labels, value }) => [labels['instance'], value]));
      };
      await expect.poll(verdicts, { timeout: 90_000 }).toEqual({ cp1: 2, w1: 2, w2: 0 });

      for (const panel of DASHBOARD.panels)
        for (const { expr } of panel.targets) {
          const given = () => prometheus.query(asAsked(expr));
          // On a busy machine one scrape is late, and its series are gone until the next.
          await expect.poll(given, { message: expr, timeout: 10_000 }).not.toEqual([]);
          for (const { labels } of await given())
            expect(Object.keys(labels), panel.title).toEqual(expect.arrayContaining([...new Set(labelsOf(panel))]));
        }
      const becomes = async (title: string, value: number) => {
        const values = async () => (await shown(title)).map((each) => each.value);
        await expect.poll(values, { message: title, timeout: 30_000 }).toEqual([value]);
      };
      await becomes('Ready', 1);
      await becomes('Not ready', 2);
      await becomes('Undecided', 0);
      await becomes('Without seaworthy', 0);
      await becomes('Checked by nobody', 0);
      // Each node has four with the other two; of workers that have joined none needs a port of the other.
      await becomes('Pairs tested', (4 + 2 + 2) / 12);
      await becomes('Versions', 1);
      const faults = async () => Object.keys(await cells('Not as it should be', 'instance', 'check')).sort();
      await expect.poll(faults, { timeout: 30_000 }).toEqual(['cp1 ports/reachable', 'w1 ports/reachable']);

      const choices = DASHBOARD.templating.list.flatMap((each) => {
        const [, series, label] =
          each.type === 'query' ? (/^label_values\((.*), (\w+)\)$/.exec(each.query.query) ?? []) : [];
        return series === undefined || label === undefined ? [] : [{ name: each.name, series: asAsked(series), label }];
      });
      const offered = await Promise.all(
        choices.map(async ({ name, series, label }) => [name, await prometheus.labelValues(label, series)]),
      );
      expect(Object.fromEntries(offered)).toEqual({
        cluster: [],
        job: ['seaworthy/seaworthy'],
        node: ['cp1', 'w1', 'w2'],
      });
    } finally {
      await nodes.close();
    }
  },
);
