import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlProblem, SshTrouble } from '../../evidence/control-problems.ts';
import type { RemotePeer } from '../../peers/control/control-client.ts';
import type { Met } from '../../peers/coordinator/members.ts';
import { COORDINATOR_KEY, PROTOCOL, type SaidPlan } from '../../peers/messages/protocol.ts';
import { PeerError } from '../../peers/peer.ts';
import type { PeerName } from '../../plan/settings.ts';
import { CONTROL_PORT } from '../../values/control-port.ts';
import { formatEndpoint } from '../../values/endpoint.ts';
import { TOOL } from '../tool.ts';
import type { PeerSessions } from './peer-sessions.ts';

/** Rejects with a PeerError. */
export type Connect = (name: PeerName, key: string, signal: AbortSignal) => Promise<RemotePeer>;

/** Between two attempts at a peer that is yet to come up. Milliseconds. */
const RETRY_MS = 500;

/** What may change while a peer comes up. */
const PASSING: readonly ControlProblem[] = ['refused', 'silent', 'lost'];

export interface Meeting {
  readonly name: PeerName;
  readonly key: string;
  readonly peer: RemotePeer | null;
  readonly welcome: Met['welcome'] | null;
  /** Why there is none, as a sentence; with what was in the way of ssh. */
  readonly why: string;
  readonly problem: ControlProblem | null;
  readonly ssh: SshTrouble | null;
}

interface Terms {
  readonly connect: Connect;
  readonly said: SaidPlan;
  /** Of this machine, where it takes part. */
  readonly addresses: string[];
  /** Milliseconds for one attempt. */
  readonly timeout: number;
  readonly deadline: number;
  readonly signal: AbortSignal;
  readonly sessions: PeerSessions | null;
}

/** Until it answers, or it is clear that it will not. */
export async function meet(name: PeerName, terms: Terms): Promise<Meeting> {
  const { host, port } = name;
  const key = port === CONTROL_PORT && host !== COORDINATOR_KEY ? host : formatEndpoint({ host, port });
  const { connect, said, timeout, deadline, signal, sessions } = terms;
  while (true) {
    const kept = sessions?.of(key) ?? null;
    let peer = kept;
    try {
      peer ??= await connect(name, key, signal);
      const asked = { protocol: PROTOCOL, version: TOOL.version, plan: said, addresses: terms.addresses };
      const welcome = await peer.call('meet', asked, AbortSignal.any([signal, AbortSignal.timeout(timeout)]));
      sessions?.keep(peer);
      return { name, key, peer, welcome, why: '', problem: null, ssh: null };
    } catch (error) {
      peer?.close();
      sessions?.drop(key);
      if (!(error instanceof PeerError)) throw error;
      // It may have been started anew since, and answers to a new channel.
      if (kept !== null && !signal.aborted) continue;
      const over = performance.now() >= deadline || signal.aborted || !PASSING.includes(error.problem);
      if (!over) await sleep(RETRY_MS);
      else return { name, key, peer: null, welcome: null, why: error.message, problem: error.problem, ssh: error.ssh };
    }
  }
}
