import { setTimeout as sleep } from 'node:timers/promises';
import { savedPlan } from '../../evidence/saved-plan.ts';
import { podsAsked } from '../../plan/pods-asked.ts';
import { stayFrugal } from '../../system/frugal-memory.ts';
import { liveSystem } from '../../system/live.ts';
import { loadCatalogue } from '../catalogue.ts';
import type { RunCommand } from '../commands.ts';
import { watchEnding } from '../ending.ts';
import { controlPlace, listeningLines, tokenLines } from '../listen-lines.ts';
import { factReader } from '../fact-reader.ts';
import { openingPort } from '../opening-port.ts';
import { podsOf } from '../own-pods.ts';
import { controlKeyOf } from '../peer-token.ts';
import { complain } from '../print.ts';
import { readPlan } from '../read-plan.ts';
import { TOOL } from '../tool.ts';
import { undoAbandoned } from '../undo-abandoned.ts';
import { UsageError } from '../usage-error.ts';

/** What is not closed by then the kernel closes; putting back what was made for pods takes calls of plugins. Milliseconds. */
const CLOSING_MS = 1_000;
const PUTTING_BACK_MS = 20_000;

export const listen: RunCommand = async (invocation) => {
  const plan = await readPlan(invocation);
  const { settings } = plan;
  const psk = await controlKeyOf(plan);
  if (psk === null) throw new UsageError(...(await tokenLines(settings)));
  const { facts } = await loadCatalogue(plan);
  stayFrugal();
  const [{ serveControl }, { createLocalPeer }] = await Promise.all([
    import('../../peers/control-server.ts'),
    import('../../peers/local-peer.ts'),
  ]);
  const { signal } = watchEnding(settings.listenFor);
  const { version } = TOOL;
  const readFacts = factReader(plan, facts, signal);
  const system = liveSystem();
  await undoAbandoned(system);
  const pods = podsOf(system, plan, podsAsked(settings));
  const peer = createLocalPeer({ key: 'self', system, plan, said: savedPlan(plan), version, readFacts, pods });
  const place = controlPlace(settings);
  const control = await openingPort(
    place,
    { holder: 'another `seaworthy listen`', other: ':PORT' },
    serveControl({ peer, psk, version, ...place, signal }),
  );

  complain(...(await listeningLines(settings)));
  await aborted(signal);
  await Promise.race([
    Promise.all([control.close(), peer.closeAll()]),
    sleep(settings.pods === null ? CLOSING_MS : PUTTING_BACK_MS),
  ]);
  return 0;
};

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((done) => {
    signal.addEventListener('abort', () => done(), { once: true });
  });
}
