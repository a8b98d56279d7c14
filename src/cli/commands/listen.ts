import { setTimeout as sleep } from 'node:timers/promises';
import type { Plan } from '../../plan/settings.ts';
import type { RunCommand } from '../command-line/command.ts';
import { watchEnding } from '../ending.ts';
import { controlPlace, listeningLines, tokenLines } from '../peers/listen-lines.ts';
import { openingPort } from '../opening-port.ts';
import { closingTime, listeningPeer } from '../peers/listening-peer.ts';
import { controlKeyOf } from '../peers/peer-token.ts';
import { complain } from '../output/print.ts';
import { readPlan } from '../command-line/read-plan.ts';
import { TOOL } from '../tool.ts';
import { UsageError } from '../usage-error.ts';

export const listen: RunCommand = async (invocation) => {
  const plan = await readPlan(invocation);
  return plan.settings.stdio ? (await import('../peers/listen-on-stdio.ts')).listenOnStdio(plan) : listenOnPort(plan);
};

async function listenOnPort(plan: Plan): Promise<number> {
  const { settings } = plan;
  const psk = await controlKeyOf(plan);
  if (psk === null) throw new UsageError(...(await tokenLines(settings)));
  const { signal } = watchEnding(settings.listenFor);
  const [{ serveControl }, peer] = await Promise.all([
    import('../../peers/control/control-server.ts'),
    listeningPeer(plan, signal),
  ]);
  const place = controlPlace(settings);
  const control = await openingPort(
    place,
    { holder: 'another `seaworthy listen`', other: ':PORT' },
    serveControl({ peer, psk, version: TOOL.version, ...place, signal }),
  );

  complain(...(await listeningLines(settings)));
  await aborted(signal);
  await Promise.race([Promise.all([control.close(), peer.closeAll()]), sleep(closingTime(plan))]);
  return 0;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((done) => {
    signal.addEventListener('abort', () => done(), { once: true });
  });
}
