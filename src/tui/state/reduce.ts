import type { RunEvent } from '../../engine/events.ts';
import type { Input } from '../terminal/decode.ts';
import type { Size } from '../terminal/terminal.ts';
import { bindingOf } from './bindings/bindings.ts';
import { promptKey, promptPaste } from './prompts.ts';
import { withEvent, withFailure, withLog } from './results.ts';
import { linesOf } from '../views/texts.ts';
import { bodyHeight, SMALLEST, viewOf, type State } from './state.ts';
import type { Effect, Step } from './step.ts';

/** All that can happen to the state. */
export type Happening =
  | Input
  | { readonly type: 'resize'; readonly size: Size }
  /** There is a session, and what it says of itself. */
  | { readonly type: 'session'; readonly budget: number; readonly peerLine: string }
  | { readonly type: 'tick'; readonly now: number }
  | { readonly type: 'event'; readonly event: RunEvent; readonly only: readonly string[] | null; readonly now: number }
  /** A run broke, or could not begin. */
  | { readonly type: 'failed'; readonly why: string; readonly now: number }
  | { readonly type: 'page'; readonly check: string; readonly text: string }
  /** What somebody asked for is done, or is not. */
  | { readonly type: 'told'; readonly text: string; readonly wrong: boolean; readonly now: number }
  | { readonly type: 'peerAsked'; readonly needsToken: boolean }
  | { readonly type: 'peerAdded'; readonly name: string; readonly now: number }
  | { readonly type: 'peerRefused'; readonly why: string; readonly now: number };

/** The next state, and what is to be done; nothing is done here. */
export function reduce(state: State, happening: Happening): Step {
  const [next, ...effects] = step(state, happening);
  return [next === state ? state : withinText(next), ...effects];
}

/** Nobody scrolls beyond the end of a text, however it is wrapped. */
function withinText(state: State): State {
  const view = viewOf(state);
  if (view.kind !== 'text') return state;
  const last = Math.max(0, linesOf(state, view.text).length - bodyHeight(state));
  return view.top <= last ? state : { ...state, views: [...state.views.slice(0, -1), { ...view, top: last }] };
}

function step(state: State, happening: Happening): Step {
  switch (happening.type) {
    case 'key':
      return onKey(state, happening.key);
    case 'paste':
      return state.prompt === null ? [state] : [promptPaste(state, state.prompt, happening.text)];
    case 'resize':
      return [{ ...state, size: happening.size }];
    case 'session': {
      const { budget, peerLine } = happening;
      return [{ ...state, given: { ...state.given, budget, peerLine } }];
    }
    case 'tick':
      return onTick({ ...state, now: happening.now });
    case 'event': {
      const { event, only, now } = happening;
      return [{ ...state, now, results: withEvent(state.results, event, only, now) }];
    }
    case 'failed': {
      const { why, now } = happening;
      return [{ ...state, now, notice: { text: why, wrong: true }, results: withFailure(state.results, why, now) }];
    }
    case 'page':
      return [{ ...state, pages: { ...state.pages, [happening.check]: happening.text } }];
    case 'told': {
      const { text, wrong, now } = happening;
      return [{ ...state, now, notice: { text, wrong }, results: withLog(state.results, now, text) }];
    }
    case 'peerAsked': {
      const token = happening.needsToken ? '' : null;
      return [{ ...state, prompt: { kind: 'peer', role: 'any', address: '', token, field: 'address', busy: false } }];
    }
    case 'peerAdded': {
      const { name, now } = happening;
      const text = `${name} takes part`;
      const next = {
        ...state,
        now,
        prompt: null,
        notice: { text, wrong: false },
        results: withLog(state.results, now, text),
      };
      return [next, { do: 'run', only: null }];
    }
    case 'peerRefused': {
      const { why, now } = happening;
      const { prompt } = state;
      const open = prompt?.kind === 'peer' ? { ...prompt, busy: false } : prompt;
      return [
        { ...state, now, prompt: open, notice: { text: why, wrong: true }, results: withLog(state.results, now, why) },
      ];
    }
  }
}

/** These are obeyed whatever is open. */
const ANYWHERE = ['ctrl-c', 'ctrl-z', 'ctrl-\\', 'ctrl-|', 'ctrl-l'];
/** What the filter leaves can be moved through while it is typed. */
const BESIDE_FILTER = ['up', 'down', 'pageup', 'pagedown'];

function onKey(given: State, key: string): Step {
  const state = given.notice === null ? given : { ...given, notice: null };
  // What is not seen is not touched.
  if (isTooSmall(state) && !ANYWHERE.includes(key) && key !== 'q') return [given];
  const passes = ANYWHERE.includes(key) || (state.prompt?.kind === 'filter' && BESIDE_FILTER.includes(key));
  if (state.prompt !== null && !passes && !isTooSmall(state)) return promptKey(state, state.prompt, key);
  return bindingOf(state, key)?.act(state) ?? [state];
}

function onTick(state: State): Step {
  const { watch, now, prompt, results } = state;
  const due = results.endedAt === null ? null : results.endedAt + (watch ?? 0);
  const effects: Effect[] = [];
  // Somebody who types is not disturbed.
  if (watch !== null && results.running === null && prompt === null && due !== null && now >= due)
    effects.push({ do: 'run', only: null });
  return [state, ...effects];
}

export function isTooSmall({ size }: State): boolean {
  return size.columns < SMALLEST.columns || size.rows < SMALLEST.rows;
}
