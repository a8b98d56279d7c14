import { rowsOf } from '../rows.ts';
import { selectedFinding } from '../findings.ts';
import { viewOf, type State } from '../state.ts';

/** Conditions under which a key does something. */

/** One of these views is open. */
export const on =
  (...kinds: readonly string[]) =>
  (state: State): boolean =>
    kinds.includes(viewOf(state).kind);
export const always = () => true;
/** Nothing runs. */
export const idle = ({ results }: State) => results.running === null;

export const hasRemedy = (state: State) => selectedFinding(state)?.remedy !== undefined;
/** There is something to move over. */
export const hasRows = (state: State) => viewOf(state).kind !== 'overview' || rowsOf(state).length > 0;
/** A text of this kind is open. */
export const isText = (of: string) => (state: State) => {
  const view = viewOf(state);
  return view.kind === 'text' && view.text.of === of;
};
export const not = (valid: (state: State) => boolean) => (state: State) => !valid(state);
export const both = (a: (state: State) => boolean, b: (state: State) => boolean) => (state: State) =>
  a(state) && b(state);
