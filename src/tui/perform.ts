import type { Report } from '../report/schema.ts';
import type { Runs } from './runs.ts';
import type { Session } from './session.ts';
import { remedyText } from './state/handing-over.ts';
import { selectedFinding } from './state/findings.ts';
import type { Happening } from './state/reduce.ts';
import type { State } from './state/state.ts';
import type { Effect } from './state/step.ts';
import type { Terminal } from './terminal/terminal.ts';

interface Around {
  readonly terminal: Pick<Terminal, 'send' | 'suspend' | 'redraw' | 'size'>;
  readonly dispatch: (happening: Happening) => void;
  readonly leave: (code: number | null) => void;
  readonly state: () => State;
  /** Null until there is a session. */
  readonly runs: () => Runs | null;
}

/** Does what the reducer asks for, and tells it what came of that. */
export function createPerformer({ terminal, dispatch, leave, state, runs }: Around): {
  readonly perform: (effect: Effect) => void;
  /** From here on there is a session. */
  readonly use: (session: Session) => void;
} {
  let session: Session | null = null;
  const tell = (text: string, wrong = false) => dispatch({ type: 'told', text, wrong, now: Date.now() });

  const page = async (of: Session, check: string) => {
    try {
      dispatch({ type: 'page', check, text: await of.page(check) });
    } catch (error) {
      tell(sentence(error), true);
    }
  };
  const addPeer = async (to: Session, name: string, token: string | null) => {
    try {
      await to.peers.add(name, token);
      dispatch({ type: 'peerAdded', name, now: Date.now() });
    } catch (error) {
      dispatch({ type: 'peerRefused', why: sentence(error), now: Date.now() });
    }
  };
  const write = async (by: Session, path: string, what: 'report' | 'remedy') => {
    const { report } = state().results;
    const text = what === 'report' ? reportText(by, report) : remedyText(selectedFinding(state()));
    if (text === null) return;
    try {
      await by.write(path, text.endsWith('\n') ? text : `${text}\n`);
      tell(`written to ${path}`);
    } catch (error) {
      tell(sentence(error), true);
    }
  };

  const perform = (effect: Effect): void => {
    switch (effect.do) {
      case 'run':
        runs()?.start(effect.only);
        break;
      case 'copy':
        // OSC 52: the terminal puts it into its own clipboard, over ssh too.
        terminal.send(`\u001B]52;c;${Buffer.from(effect.text).toString('base64')}\u0007`);
        tell(`copied: ${effect.text.split('\n').join('; ')}`);
        break;
      case 'write':
        if (session !== null) void write(session, effect.path, effect.what);
        break;
      case 'page':
        if (session !== null) void page(session, effect.check);
        break;
      case 'askForPeer':
        if (session !== null) dispatch({ type: 'peerAsked', needsToken: session.peers.needsToken() });
        break;
      case 'addPeer':
        if (session !== null) void addPeer(session, effect.name, effect.token);
        break;
      case 'suspend':
        terminal.suspend();
        break;
      case 'redraw':
        terminal.redraw();
        dispatch({ type: 'resize', size: terminal.size() });
        break;
      case 'leave':
        leave(effect.code);
        break;
    }
  };
  return { perform, use: (given) => (session = given) };
}

function reportText(session: Session, report: Report | null): string | null {
  return report === null ? null : session.json(report);
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
