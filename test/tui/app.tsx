import type { ReactNode } from 'react';
import type { State } from '../../src/tui/state/state.ts';
import { App } from '../../src/tui/views/app.tsx';
import type { Look } from '../../src/tui/views/look.ts';

export function appOf(state: State, look: Look): ReactNode {
  return <App state={state} look={look} />;
}
