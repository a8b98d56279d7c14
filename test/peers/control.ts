import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';
import * as z from 'zod';
import { connectPeer, type ConnectOptions, type RemotePeer } from '../../src/peers/control/control-client.ts';
import { serveControl, type ControlOptions } from '../../src/peers/control/control-server.ts';
import type { Peer } from '../../src/peers/peer.ts';
import type { MessageName } from '../../src/peers/messages/protocol.ts';
import { liveSystem } from '../../src/system/live.ts';

export const PSK = randomBytes(32);
export const VERSION = '0.0.0-test';
export const RUN = '0123456789abcdef';

/** Long enough for a busy machine, and short enough for a test that fails. */
export const soon = () => AbortSignal.timeout(15_000);

/** A peer that answers every message with what is given for it; the calls are noted. */
export function stub(answers: Partial<Record<MessageName, unknown>> = {}) {
  const calls: { message: string; request: unknown; signal: AbortSignal }[] = [];
  const call = async (message: MessageName, request: unknown, signal: AbortSignal): Promise<unknown> => {
    calls.push({ message, request, signal });
    const answer = answers[message] ?? {};
    return typeof answer === 'function' ? answer(request, signal) : answer;
  };
  return { calls, peer: asPeer({ call }) };
}

/** A stub may give answers that are none: whoever receives them is to find out. */
function asPeer(stub: { call: unknown }): Pick<Peer, 'call'> {
  if (!isPeer(stub)) throw new TypeError('no peer');
  return stub;
}

function isPeer(value: object): value is Pick<Peer, 'call'> {
  return 'call' in value && typeof value.call === 'function';
}

/** A control port on loopback until the test ends. */
export async function served(options: Partial<ControlOptions> = {}): Promise<number> {
  const ending = new AbortController();
  const control = await serveControl({
    peer: stub().peer,
    psk: PSK,
    version: VERSION,
    address: '127.0.0.1',
    port: 0,
    signal: ending.signal,
    ...options,
  });
  onTestFinished(() => control.close());
  return control.port;
}

export async function connected(port: number, options: Partial<ConnectOptions> = {}): Promise<RemotePeer> {
  const peer = await connectPeer({
    key: 'w1',
    host: '127.0.0.1',
    port,
    psk: PSK,
    version: VERSION,
    timeoutMs: 10_000,
    signal: soon(),
    network: liveSystem().network,
    ...options,
  });
  onTestFinished(() => peer.close());
  return peer;
}

/** A control port in a process of its own. */
export interface ControlProcess {
  readonly child: ChildProcess;
  readonly port: number;
  /** Megabytes of memory that it takes now. */
  readonly memory: () => Promise<number>;
}

const told = z.object({ port: z.number() }).or(z.object({ memory: z.number() }));

export async function controlProcess(): Promise<ControlProcess> {
  const child = fork(new URL('control-process.ts', import.meta.url), [PSK.toString('hex')]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const next = () => new Promise<z.infer<typeof told>>((done) => child.once('message', (m) => done(told.parse(m))));
  const started = await next();
  if (!('port' in started)) throw new Error('it told no port');
  return {
    child,
    port: started.port,
    memory: async () => {
      const answer = next();
      child.send('memory');
      const said = await answer;
      return 'memory' in said ? said.memory / 1024 / 1024 : Number.NaN;
    },
  };
}
