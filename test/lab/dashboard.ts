import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const DATASOURCE = z.strictObject({ type: z.literal('prometheus'), uid: z.literal('${datasource}') });

const transformation = z.discriminatedUnion('id', [
  z.strictObject({
    id: z.literal('organize'),
    options: z.looseObject({ includeByName: z.record(z.string(), z.literal(true)) }),
  }),
  z.strictObject({
    id: z.literal('groupingToMatrix'),
    options: z.looseObject({ rowField: z.string(), columnField: z.string(), valueField: z.literal('Value') }),
  }),
]);

const panel = z.looseObject({
  id: z.number(),
  type: z.enum(['stat', 'state-timeline', 'table', 'timeseries']),
  title: z.string().min(1),
  description: z.string().min(1),
  datasource: DATASOURCE,
  gridPos: z.strictObject({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  targets: z.array(z.looseObject({ expr: z.string(), datasource: DATASOURCE, legendFormat: z.string().default('') })),
  transformations: z.array(transformation).default([]),
});

const variable = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('datasource'), name: z.literal('datasource'), query: z.literal('prometheus') }),
  z.looseObject({
    type: z.literal('query'),
    name: z.string(),
    datasource: DATASOURCE,
    allValue: z.string().optional(),
    query: z.object({ query: z.string() }),
  }),
]);

/** Of Grafana's dashboards what ours uses: https://grafana.com/docs/grafana/latest/visualizations/dashboards/build-dashboards/view-dashboard-json-model/ */
const dashboard = z.looseObject({
  uid: z.literal('seaworthy'),
  title: z.string(),
  templating: z.object({ list: z.array(variable) }),
  panels: z.array(panel),
});

export const DASHBOARD = dashboard.parse(
  JSON.parse(readFileSync(join(import.meta.dirname, '../../deploy/grafana/seaworthy.json'), 'utf8')),
);

/** An expression as Grafana asks it while nothing is chosen, of a Prometheus that knows one cluster. */
export function asAsked(expression: string): string {
  const chosen = DASHBOARD.templating.list.map((each) => [
    each.name,
    each.type === 'query' ? (each.allValue ?? '') : '',
  ]);
  const values = new Map([...chosen, ['__rate_interval', '1m']].map(([name = '', value = '']) => [name, value]));
  return expression.replaceAll(/\$(\w+)/g, (whole, name: string) => values.get(name) ?? whole);
}

/** Labels that a panel shows or sorts its series by. */
export function labelsOf({ targets, transformations }: z.infer<typeof panel>): readonly string[] {
  const shown = targets.flatMap(({ legendFormat }) =>
    [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name),
  );
  const sorted = transformations.flatMap(({ id, options }) =>
    id === 'organize' ? Object.keys(options.includeByName) : [options.rowField, options.columnField],
  );
  return [...shown, ...sorted].filter((name) => name !== undefined);
}
