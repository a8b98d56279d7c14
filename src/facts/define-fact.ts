import type * as z from 'zod';
import type { Settings } from '../plan/settings.ts';
import type { System } from '../system/system.ts';

export interface FactContext {
  readonly plan: Settings;
  /** Aborts when the fact's time is up or the run ends. */
  readonly signal: AbortSignal;
}

/** What a node finds out by itself. Reading it changes nothing. */
export interface Fact<T> {
  /** What it observes, in a few words; `facts --help` and the schema show it. */
  readonly title: string;
  /**
   * `cluster`: its API tells it, and no machine. It is read where a run is conducted, once, and holds for all machines of the run; a peer is never asked.
   */
  readonly of?: 'cluster';
  /** Built only when saved facts are read or the schema is printed: the start of the program does not pay for it. */
  readonly schema: () => z.ZodType<T>;
  /** How many attempts over the network, one after another, it may need; each may take the plan's `timeout`. One, unless said. */
  readonly attempts?: number;
  /** Throws a SystemError when the machine does not show it; any other error means that seaworthy is wrong. */
  readonly read: (system: System, context: FactContext) => Promise<T>;
}

export function defineFact<T>(fact: Fact<T>): Fact<T> {
  return fact;
}
