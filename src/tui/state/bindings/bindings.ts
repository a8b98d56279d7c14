import type { State } from '../state.ts';
import type { Binding } from './binding.ts';
import { DOING } from './doing.ts';
import { LOOKING } from './looking.ts';
import { MOVING } from './moving.ts';
import { PROGRAM } from './program.ts';

/** In the order in which the footer shows them. */
export const BINDINGS: readonly Binding[] = [...MOVING, ...LOOKING, ...DOING, ...PROGRAM];

export function bindingOf(state: State, key: string): Binding | undefined {
  return BINDINGS.find(({ keys, valid }) => keys.includes(key) && valid(state));
}
