import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { evidenceJsonSchema } from '../../src/evidence/evidence-schema.ts';
import { facts } from '../../src/facts/index.ts';
import { configurationSchema } from '../../src/plan/configuration-schema.ts';
import { rulesSchema } from '../../src/plugins/rules/rules-schema.ts';
import { reportSchema, type Report } from '../../src/report/schema.ts';
import { machines } from '../hosts/machines.ts';
import { reportOf } from '../hosts/report-of.ts';
import { sixNodes } from '../report/cluster.ts';
import { fieldsOf } from './field-paths.ts';

const schemas = {
  report: z.toJSONSchema(reportSchema, { io: 'input' }),
  facts: evidenceJsonSchema(facts),
  config: z.toJSONSchema(configurationSchema(), { io: 'input' }),
  rules: z.toJSONSchema(rulesSchema(), { io: 'input' }),
};

/** Each field, and each word that a field can hold, on a line. */
function promises(schema: unknown): string[] {
  const lines = fieldsOf(schema).flatMap(({ path, values }) => [
    path,
    ...values.map((value) => `${path} = ${String(value)}`),
  ]);
  return [...new Set(lines)].sort();
}

describe.each(Object.entries(schemas))('%s', (name, schema) => {
  const file = join(import.meta.dirname, `${name}-v1.txt`);
  const read = () =>
    existsSync(file)
      ? readFileSync(file, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
      : [];

  test('nothing is renamed or removed within version 1; `npm run goldens` writes down what is added', () => {
    const now = promises(schema);
    if (process.env['SEAWORTHY_GOLDENS'] === 'write') {
      // What was promised stays promised, whoever runs this.
      writeFileSync(file, `${[...new Set([...read(), ...now])].sort().join('\n')}\n`);
    }
    const promised = read();
    expect(promised.filter((line) => !now.includes(line))).toEqual([]);
    expect(now.filter((line) => !promised.includes(line))).toEqual([]);
  });
});

test.each(Object.entries(schemas))('%s: every field says what it is', (_, schema) => {
  const silent = fieldsOf(schema).filter(({ description = '' }) => description === '');
  expect(silent.map(({ path }) => path)).toEqual([]);
});

describe('a reader that others wrote finds reports as the schema has them', () => {
  // It knows the formats and keywords of the standard, and refuses any other.
  const reader = () => addFormats.default(new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }));
  const isReport = reader().compile<Report>(schemas.report);
  const faults = (report: unknown) => (isReport(report) ? [] : isReport.errors);

  test('between nodes', () => {
    expect(faults(JSON.parse(JSON.stringify(sixNodes())))).toEqual([]);
  });

  test.each(['recorded-kn1', 'port-clash'])('%s', async (name) => {
    const report: unknown = JSON.parse(JSON.stringify(await reportOf(machines[name]!)));
    expect(faults(report)).toEqual([]);
    expect(faults(Object.assign({}, report, { verdict: 'fine' }))).not.toEqual([]);
  });

  test.each(Object.entries(schemas))('the schema of %s is one', (_, schema) => {
    expect(() => reader().compile(schema)).not.toThrow();
  });
});
