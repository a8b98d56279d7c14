import type { Met } from '../peers/coordinator/members.ts';
import { PeerError } from '../peers/peer.ts';
import type { SaidPlan } from '../peers/messages/protocol.ts';
import { readingSchema } from './evidence-schema.ts';
import type { FactName, Facts, FactTable } from './facts.ts';
import type { Reading } from './reading.ts';
import type { Machine } from './source.ts';

/** The facts of a peer: those that are asked for side by side travel together, and each is held against its own schema. */
export interface PeerFacts {
  read<K extends FactName>(name: K): Promise<Reading<Facts[K]>>;
  readings(): Readonly<Record<string, Reading<unknown>>>;
}

export function peerFacts(
  machine: Machine,
  met: Met | null,
  facts: FactTable,
  plan: SaidPlan,
  signal: AbortSignal,
): PeerFacts {
  const known: Record<string, Reading<unknown>> = {};
  const pending: { [K in FactName]?: Promise<Reading<Facts[K]>> } = {};
  let batch: { readonly names: string[]; readonly answer: Promise<Readonly<Record<string, unknown>> | string> } | null =
    null;

  /** The answer, or in a sentence why there is none. */
  const ask = async (names: string[]): Promise<Readonly<Record<string, unknown>> | string> => {
    // Whoever asks in the same breath is asked along.
    await new Promise((soon) => setImmediate(soon));
    batch = null;
    if (met === null) return machine.unreachable ?? `${machine.key} takes no part`;
    try {
      return (await met.peer.call('facts', { names, plan }, signal)).facts;
    } catch (error) {
      if (error instanceof PeerError) return error.message;
      throw error;
    }
  };
  const readOnce = async <K extends FactName>(name: K): Promise<Reading<Facts[K]>> => {
    if (batch === null) {
      const names: string[] = [];
      batch = { names, answer: ask(names) };
    }
    batch.names.push(name);
    const answer = await batch.answer;
    const reading = readingOf(name, answer);
    known[name] = reading;
    return reading;
  };
  const readingOf = <K extends FactName>(
    name: K,
    answer: Readonly<Record<string, unknown>> | string,
  ): Reading<Facts[K]> => {
    if (typeof answer === 'string') return { unread: 'timeout', detail: answer };
    const parsed = readingSchema<Facts[K]>(facts[name].schema()).safeParse(answer[name]);
    return parsed.success
      ? parsed.data
      : { unread: 'error', detail: `${machine.key} sent a ${name} that has not the shape of this fact` };
  };
  return {
    read: <K extends FactName>(name: K): Promise<Reading<Facts[K]>> => {
      const reading = pending[name] ?? readOnce(name);
      Object.assign(pending, { [name]: reading });
      return reading;
    },
    readings: () => Object.fromEntries(Object.entries(known).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
