import { DEFAULTS } from '../../../src/plan/defaults.ts';
import { pluginShape } from '../../../src/plugins/plugin-shape.ts';
import { rulesPlugin } from '../../../src/plugins/rules/rules-plugin.ts';
import type { Reading } from '../../../src/evidence/reading.ts';
import { liveSystem } from '../../../src/system/live.ts';
import { SystemError, type System } from '../../../src/system/system.ts';
import { findingsOf } from '../../engine/given.ts';

/** A file with one rule, `ours/one`, that fails as `bad` when it is not as expected. */
export function fileWith(rule: object, more: object = {}): string {
  const fail = { reason: 'bad', remedy: { text: 'Mend it.' } };
  const docs = 'https://acme.example/';
  return JSON.stringify({
    schema: 'seaworthy.rules/v1',
    name: 'ours',
    rules: [{ id: 'one', title: 'one', docs, fail, ...rule }],
    ...more,
  });
}

async function loaded(rule: object) {
  const { checks, facts } = pluginShape.parse(await rulesPlugin(fileWith(rule), 'rules.yaml', new Set(), 5_000));
  const [check] = checks;
  const fact = facts['one'];
  if (check === undefined || fact === undefined) throw new Error('there is no rule');
  return { check, fact };
}

/** What a rule makes of a value that was observed, or of why it could not be. */
export async function judged(rule: object, reading: Reading<unknown>) {
  const { check, fact } = await loaded(rule);
  const held = 'value' in reading ? { value: fact.schema().parse(reading.value) } : reading;
  const [finding] = await findingsOf({
    check,
    machines: [{ key: 'self', hostname: 'w1', readings: { 'ours/one': held } }],
  });
  if (finding === undefined) throw new Error('nothing was found');
  return finding;
}

/** What a rule observes on a machine, or why it does not. */
export async function observed(rule: object, system: System = liveSystem()): Promise<Reading<unknown>> {
  const { fact } = await loaded(rule);
  try {
    const value = await fact.read(system, { plan: DEFAULTS, signal: new AbortController().signal });
    return { value: fact.schema().parse(value) };
  } catch (error) {
    if (error instanceof SystemError) return { unread: error.why, detail: error.message };
    throw error;
  }
}

/** The status of a rule on a machine. */
export async function statusOf(rule: object, system?: System): Promise<string> {
  const { status, reason } = await judged(rule, await observed(rule, system));
  return `${status} ${reason}`;
}
