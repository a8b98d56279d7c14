import '../interpret-schemas.ts';
import type { Check } from '../../engine/check.ts';
import { run } from '../../engine/run.ts';
import type { PodsHow } from '../../evidence/pods.ts';
import { peerNames } from '../../plan/peer-name.ts';
import { planOfPeers } from '../../plan/plan-of-peers.ts';
import type { Plan } from '../../plan/settings.ts';
import { formats } from '../../report/formats/index.ts';
import type { PeerDesk, Session } from '../../tui/session.ts';
import { shellQuote } from '../../values/shell.ts';
import { checkSource } from '../run/check-source.ts';
import { prepare } from '../commands/check.ts';
import { pageOf } from '../run/check-page.ts';
import { isRunning } from '../run/machine-system.ts';
import { controlKeyOf, keyOfToken } from '../peers/peer-token.ts';
import { peerSessions } from '../peers/peer-sessions.ts';
import { TOOL } from '../tool.ts';
import { UsageError } from '../usage-error.ts';

export interface InterfaceSession extends Session {
  /** Lets the peers go. */
  close(): void;
}

/** Runs by this plan, again and again, over connections to peers that stay. Throws a UsageError. */
export async function interfaceSession(given: Plan): Promise<InterfaceSession> {
  const { catalogue, ...prepared } = await prepare(given);
  const { checks } = catalogue;
  const sessions = peerSessions();
  let plan = given;
  let psk = prepared.psk ?? (await controlKeyOf(given));

  const withPeers = () => (plan.settings.peers.length === 0 ? prepared.psk : psk);
  const peers: PeerDesk = {
    needsToken: () => psk === null,
    line: `seaworthy listen${given.settings.pods === null ? '' : ` --pods ${given.settings.pods}`} --token-file ${shellQuote(given.settings.tokenFile ?? 'seaworthy.token')}`,
    add: async (name, token) => {
      const { peers: before } = plan.settings;
      if (!(await isRunning(plan.settings)))
        throw new UsageError('Packets go between running machines, and this is a directory or saved facts.');
      const wanted: Plan = {
        settings: { ...plan.settings, peers: peerNames([...before.map(({ text }) => text), name]) },
        origins: { ...plan.origins, peers: 'flag' },
      };
      const key = token === null ? psk : await keyOfToken(token.trim());
      if (key === null) throw new UsageError('It needs the token that all machines of a run share.');
      await tryOut(wanted, key);
      plan = wanted;
      psk = key;
    },
  };

  /** Throws when the last peer of a plan cannot be had, or is not what was said. */
  const tryOut = async (wanted: Plan, key: Buffer) => {
    const { signal } = new AbortController();
    const { source, close } = await checkSource({ plan: wanted, catalogue, psk: key, signal, sessions, own: null });
    await close();
    const why = source.machines.at(-1)?.unreachable;
    if (why !== undefined) throw new UsageError(why);
  };

  return {
    budget: given.settings.budget + given.settings.wait,
    peers,
    run: async function* (only, signal) {
      const began = performance.now();
      // What is named is run, whatever was left out before: the user allowed it.
      const pods = plan.settings.pods ?? podsOf(only, checks);
      const settings = only === null ? plan.settings : { ...plan.settings, only, skip: [], pods };
      const narrowed = { ...plan, settings };
      const input = { plan: narrowed, catalogue, psk: withPeers(), signal, sessions, own: null };
      const { plan: told, source, close } = await checkSource(input);
      try {
        yield* run({
          plan: told,
          planOfPeers: planOfPeers(told),
          source,
          checks,
          command: 'check',
          tool: TOOL,
          signal,
          began,
        });
      } finally {
        await close();
      }
    },
    page: (id) => pageOf(id, checks),
    json: (report) => formats['json']?.render(report, PLAIN) ?? '',
    write: async (path, text) => {
      const { destination } = await import('../../system/write.ts');
      await (await destination(path)).write(text);
    },
    close: () => sessions.closeAll(),
  };
}

/** With which pods one check is run that was asked for by itself. */
function podsOf(only: readonly string[] | null, checks: readonly Check[]): PodsHow | null {
  if (only?.length !== 1) return null;
  return checks.find(({ id }) => only.includes(id))?.intrusive?.pods[0] ?? null;
}

const PLAIN = { color: false, ascii: true, width: 80, quiet: false, verbose: false } as const;
