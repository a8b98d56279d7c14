import { expect, test } from 'vitest';
import type { FactTable } from '../../src/evidence/facts.ts';
import { liveSource } from '../../src/evidence/live.ts';
import { facts } from '../../src/facts/index.ts';
import { rootedSystem } from '../../src/system/rooted.ts';
import { planWith, TOOL } from '../engine/given.ts';

const SELF = { key: 'self', self: true, peer: false, judged: true, said: {} };

test.each([
  [1, { unread: 'timeout', detail: 'not read within 100ms' }],
  [3, { value: { machineId: '' } }],
])('a fact of %d attempts has the time of as many', async (attempts, expected) => {
  const read = async () => {
    await new Promise((done) => {
      setTimeout(done, 180);
    });
    return { machineId: '' };
  };
  const table: FactTable = { ...facts, machineId: { ...facts.machineId, attempts, read } };
  const { signal } = new AbortController();
  const plan = planWith({ timeout: 100 });
  const source = liveSource({ system: rootedSystem('/nonexistent'), facts: table, plan, tool: TOOL, signal });
  expect(await source.read(SELF, 'machineId')).toEqual(expected);
});
