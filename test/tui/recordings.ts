import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunEvent } from '../../src/engine/events.ts';

export const RECORDED = join(import.meta.dirname, 'recorded');

/** An event of a run, and the milliseconds after which it came. */
export interface Recorded {
  readonly at: number;
  readonly event: RunEvent;
}

/** A run as test/lab/recorded-runs.test.ts recorded it from real hosts. */
export function recording(name: 'between-nodes' | 'one-node'): readonly Recorded[] {
  return linesOf(readFileSync(join(RECORDED, `${name}.jsonl`), 'utf8'));
}

export function linesOf(text: string): readonly Recorded[] {
  return text
    .trim()
    .split('\n')
    .map((line): Recorded => JSON.parse(line));
}
