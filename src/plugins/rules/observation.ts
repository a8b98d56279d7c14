import type * as z from 'zod';
import type { Fact } from '../../facts/define-fact.ts';

/** How what was observed stands to what a rule expects. */
export interface Judged {
  readonly outcome: 'pass' | 'fail' | 'undecided';
  readonly actual: string;
  /** Of a program: what it said of itself. */
  readonly said?: string;
  readonly evidence?: Readonly<Record<string, unknown>>;
}

/** What a rule is about: how it is read, and how it is judged. */
export interface Observation {
  readonly subject: string;
  readonly expected: string;
  /** Whether it may be read and still not be decided. */
  readonly mayBeUndecided: boolean;
  readonly fact: Fact<unknown>;
  judge(value: unknown): Judged;
}

interface Parts<S extends z.ZodType> extends Omit<Observation, 'fact' | 'judge'> {
  readonly title: string;
  /** It holds what was asked for as a literal: saved facts of another rule, or of this one before it was changed, are not its facts. */
  readonly schema: () => S;
  readonly attempts?: number;
  readonly read: Fact<z.infer<S>>['read'];
  readonly judge: (value: z.infer<S>) => Judged;
}

/** The types tie what is read to what is judged, and are forgotten after that. */
export function observation<S extends z.ZodType>({
  title,
  schema,
  attempts,
  read,
  judge,
  ...rest
}: Parts<S>): Observation {
  return {
    ...rest,
    fact: { title, schema, read, ...(attempts === undefined ? {} : { attempts }) },
    judge: (value) => judge(schema().parse(value)),
  };
}

export function outcomeOf(verdict: boolean | null): Judged['outcome'] {
  if (verdict === null) return 'undecided';
  return verdict ? 'pass' : 'fail';
}
