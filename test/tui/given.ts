import { stripVTControlCharacters } from 'node:util';
import type { RunEvent } from '../../src/engine/events.ts';
import type { Report } from '../../src/report/schema.ts';
import { reduce, type Happening } from '../../src/tui/state/reduce.ts';
import { initialState, type State } from '../../src/tui/state/state.ts';
import type { Effect } from '../../src/tui/state/step.ts';
import { createPainter } from '../../src/tui/terminal/render.ts';
import type { Size } from '../../src/tui/terminal/terminal.ts';
import { appOf } from './app.tsx';
import type { Recorded } from './recordings.ts';

export const NOON = Date.UTC(2026, 0, 2, 12);
const PLAIN = { color: false, ascii: false } as const;

export function opened(size: Size = { columns: 100, rows: 30 }, over: Partial<State['given']> = {}): State {
  return initialState(size, NOON, { root: true, budget: 30_000, peerLine: 'seaworthy listen', ...over });
}

/** All that happens, one after another; effects are left out. */
export function after(state: State, ...happenings: readonly Happening[]): State {
  return happenings.reduce((before, happening) => reduce(before, happening)[0], state);
}

export function press(state: State, ...keys: readonly string[]): State {
  return after(state, ...keys.map((key) => ({ type: 'key', key }) as const));
}

/** What a key asks for. */
export function asked(state: State, key: string): readonly Effect[] {
  return reduce(state, { type: 'key', key }).slice(1) as Effect[];
}

/** A recorded run, up to so many of its events. */
export function replayed(state: State, events: readonly Recorded[], upTo: number = events.length): State {
  return after(
    state,
    ...events.slice(0, upTo).map(({ at, event }) => ({ type: 'event', event, only: null, now: NOON + at }) as const),
  );
}

/** The events that make such a report. */
export function eventsOf(report: Report): readonly RunEvent[] {
  const { run, checks, nodes } = report;
  return [
    { type: 'started', run, checks: checks.map(({ id, title }) => ({ id, title })) },
    ...nodes.map((node): RunEvent => ({ type: 'node', node })),
    ...checks.map((check): RunEvent => ({ type: 'check', check })),
    { type: 'finished', report },
  ];
}

export function withReport(state: State, report: Report, only: readonly string[] | null = null): State {
  return after(state, ...eventsOf(report).map((event) => ({ type: 'event', event, only, now: state.now }) as const));
}

/** The rows of the screen, with escape codes. */
export function frame(state: State, look: Parameters<typeof appOf>[1]): readonly string[] {
  const painter = createPainter(look);
  const rows = painter.paint(appOf(state, look), state.size);
  painter.close();
  return rows;
}

/** The screen as text, without colours. */
export function screen(state: State, look: Parameters<typeof appOf>[1] = PLAIN): readonly string[] {
  return frame(state, look).map((row) => stripVTControlCharacters(row).trimEnd());
}

export function text(state: State): string {
  return screen(state).join('\n');
}
