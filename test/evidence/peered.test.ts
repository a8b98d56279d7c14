import { expect, test } from 'vitest';
import { peeredSource } from '../../src/evidence/peered.ts';
import type { ProbeRequest } from '../../src/evidence/probes.ts';

const REQUEST: ProbeRequest = { kind: 'clock', to: 'w1' };

/** What is known of a request once a run of 30 s was ended like this. */
async function endedBy(reason: string | null) {
  const controller = new AbortController();
  const source = peeredSource({
    own: null,
    peers: [],
    facts: {} as never,
    plan: {},
    timeout: 1_000,
    budget: 30_000,
    tool: { name: 'seaworthy', version: '0.0.0-test' },
    signal: controller.signal,
  });
  if (reason !== null) controller.abort(reason);
  const [probed] = (await source.probe([REQUEST], () => undefined)) ?? [];
  return probed?.reading;
}

test.each([
  ['interrupted', 'the run ended before it was tried: it was interrupted'],
  [
    'budget-spent',
    'the run ended before it was tried: --budget of 30s was used up; a longer one, such as --budget 90s, finishes it',
  ],
  [null, 'the run ended before it was tried'],
])('what was cut off says what ended the run: %s', async (reason, detail) => {
  expect(await endedBy(reason)).toEqual({ unread: 'undecided', machine: 'w1', detail });
});
