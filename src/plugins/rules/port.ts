import * as z from 'zod';
import { isListening, readSockets } from '../../facts/parts/socket-table.ts';
import { ownersOf } from '../../facts/socket-owners.ts';
import type { System } from '../../system/system.ts';
import { PROGRAM } from '../../values/program-name.ts';
import { describe, holds } from './assertions.ts';
import { observation, outcomeOf, type Judged, type Observation } from './observation.ts';
import type { Expectation } from './rules-schema.ts';

const listenerSchema = () =>
  z.object({
    address: z.string(),
    names: z
      .array(z.string())
      .nullable()
      .describe('of the processes that have it open; none: the kernel itself; null: nobody could tell'),
  });

type Listener = z.infer<ReturnType<typeof listenerSchema>>;

/** `port` as in `tcp/8080`. */
export function observePort(port: string, expected: Expectation): Observation {
  const schema = () =>
    z.object({ port: z.literal(port), listeners: z.array(listenerSchema()).describe('sockets that listen there') });
  return observation({
    subject: port,
    expected: expected.absent === undefined ? describe(expected) : 'free',
    mayBeUndecided: expected.equals !== undefined || expected.oneOf !== undefined,
    title: `who listens on ${port}`,
    schema,
    read: async (system) => ({ port, listeners: await listenersOn(system, port) }),
    judge: ({ listeners }) => judgeListeners(listeners, expected),
  });
}

async function listenersOn(system: System, wanted: string): Promise<Listener[]> {
  const listening = (await readSockets(system)).filter(isListening);
  const sockets = listening.filter(({ protocol, port }) => `${protocol}/${port}` === wanted);
  const { owners, complete } = await ownersOf(system, sockets, listening);
  return sockets.map(({ address, inode }) => {
    const names = owners.filter((owner) => owner.inode === inode && inode !== 0).flatMap((owner) => owner.names);
    return { address, names: names.length === 0 && (!complete || inode === 0) ? null : [...new Set(names)] };
  });
}

function judgeListeners(all: readonly Listener[], expected: Expectation): Judged {
  // What this program holds for a run it lets go by itself.
  const listeners = all.filter(({ names }) => names?.includes(PROGRAM) !== true);
  const actual = listeners.length === 0 ? 'free' : [...new Set(listeners.map(holderOf))].join(', ');
  return { outcome: outcomeOf(verdictOn(listeners, expected)), actual, evidence: { listeners } };
}

/** Served means that each of its sockets belongs to a process of that name: one may listen on loopback, and another for everybody else. */
function verdictOn(listeners: readonly Listener[], expected: Expectation): boolean | null {
  const [first] = listeners;
  if (first === undefined || expected.exists !== undefined || expected.absent !== undefined)
    return holds(expected, first === undefined ? null : first.address);
  const verdicts = listeners.map(({ names }) => names?.some((name) => holds(expected, name) === true) ?? null);
  if (verdicts.includes(false)) return false;
  return verdicts.includes(null) ? null : true;
}

function holderOf({ address, names }: Listener): string {
  const holder = names === null ? 'a process that is not visible' : (names[0] ?? 'the kernel');
  return `${holder} on ${address}`;
}
