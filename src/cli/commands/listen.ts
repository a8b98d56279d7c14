import { setTimeout as sleep } from 'node:timers/promises';
import type { Plan } from '../../plan/settings.ts';
import type { RunCommand } from '../commands.ts';
import { watchEnding } from '../ending.ts';
import { controlPlace, listeningLines, tokenLines } from '../listen-lines.ts';
import { openingPort } from '../opening-port.ts';
import { closingTime, listeningPeer } from '../listening-peer.ts';
import { controlKeyOf } from '../peer-token.ts';
import { complain } from '../print.ts';
import { readPlan } from '../read-plan.ts';
import { TOOL } from '../tool.ts';
import { UsageError } from '../usage-error.ts';

export const listen: RunCommand = async (invocation) => {
  const plan = await readPlan(invocation);
  return plan.settings.stdio ? (await import('../listen-on-stdio.ts')).listenOnStdio(plan) : listenOnPort(plan);
};

async function listenOnPort(plan: Plan): Promise<number> {
  const { settings } = plan;
  const psk = await controlKeyOf(plan);
  if (psk === null) throw new UsageError(...(await tokenLines(settings)));
  const { signal } = watchEnding(settings.listenFor);
  const [{ serveControl }, peer] = await Promise.all([
    import('../../peers/control-server.ts'),
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
