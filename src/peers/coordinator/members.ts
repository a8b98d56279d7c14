import { PeerError, type Peer } from '../peer.ts';
import { LEASE_MS, type AnswerOf, type MessageName, type RequestOf, type SaidPlan } from '../messages/protocol.ts';

/** A machine that takes part, with what it said when it was met. */
export interface Met {
  readonly peer: Peer;
  readonly welcome: AnswerOf<'meet'>;
  /** Addresses by which the run knows it: packets are sent to these alone. */
  readonly addresses: readonly string[];
  /** This machine, in this process. */
  readonly own: boolean;
}

/** The machines of a run under one lease, which is kept up until `leave`. */
export interface Members {
  readonly keys: readonly string[];
  of(key: string): Met | null;
  /** Why a machine that was met can no longer be asked; null while it can. */
  lost(key: string): string | null;
  /** Null when the machine could not be asked; why is then told by `lost`. */
  call<M extends MessageName>(key: string, message: M, request: RequestOf<M>): Promise<AnswerOf<M> | null>;
  /** Settles once the others are letting go; this machine does so after them, and at the latest with the end of the process. */
  leave(): Promise<void>;
}

/** A call that hangs costs the run no more than this, beyond the time that its probes take. Milliseconds. */
const CALL_MS = 20_000;
/** A chain of plugins may take its time for each of them, and wait for another run's pods before that. Milliseconds. */
const PODS_MS = 120_000;
/** Leaving is a courtesy: who cannot be told lets the lease lapse. Milliseconds. */
const LEAVE_MS = 2_000;

export interface Enlisting {
  readonly met: readonly Met[];
  readonly run: string;
  readonly secret: string;
  readonly endpoints: RequestOf<'enlist'>['endpoints'];
  readonly plan: SaidPlan;
  readonly signal: AbortSignal;
}

/** Makes every machine a member of the run. */
export async function enlist({ met, run, secret, endpoints, plan, signal }: Enlisting): Promise<Members> {
  const byKey = new Map(met.map((each) => [each.peer.key, each]));
  const lost = new Map<string, string>();
  const members = met.map(({ peer, welcome, addresses }) => ({
    key: peer.key,
    instance: welcome.instance,
    addresses: [...addresses],
  }));

  const call: Members['call'] = async (key, message, request) => {
    const member = byKey.get(key);
    if (member === undefined || lost.has(key)) return null;
    try {
      const limit = message === 'open-pods' ? PODS_MS : CALL_MS;
      return await member.peer.call(message, request, AbortSignal.any([signal, AbortSignal.timeout(limit)]));
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      // What a peer refuses to do is no reason to take it for dead. Nor is a renewal: the next one comes in time, and who is gone answers nothing else.
      if (message !== 'renew' && (error.problem !== 'rejected' || message === 'enlist'))
        lost.set(key, signal.aborted ? 'the run ended before it answered' : error.message);
      return null;
    }
  };
  const all = (message: 'renew') => Promise.all([...byKey.keys()].map((key) => call(key, message, { run })));

  const lease = { run, secret, members, endpoints, plan };
  await Promise.all([...byKey.keys()].map((self) => call(self, 'enlist', { ...lease, self })));
  const renewal = setInterval(() => void all('renew'), LEASE_MS / 3);
  renewal.unref();
  return {
    keys: [...byKey.keys()],
    of: (key) => byKey.get(key) ?? null,
    lost: (key) => lost.get(key) ?? null,
    call,
    leave: async () => {
      clearInterval(renewal);
      const tell = (who: readonly Met[]) =>
        Promise.all(
          who.map(({ peer }) => peer.call('leave', { run }, AbortSignal.timeout(LEAVE_MS)).catch(() => null)),
        );
      await tell(met.filter(({ own }) => !own));
      void tell(met.filter(({ own }) => own));
    },
  };
}
