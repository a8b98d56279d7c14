import { withoutTokens } from '../values/tokens.ts';

interface Details {
  readonly allowed?: string | null;
  readonly nearest?: string | null;
}

/** What a parser of one value has to say against it, as the rest of a sentence. It never repeats the value itself. */
export class BadValue extends Error {
  readonly allowed: string | null;
  readonly nearest: string | null;

  constructor(said: string, { allowed = null, nearest = null }: Details = {}) {
    super(said);
    this.name = 'BadValue';
    this.allowed = allowed;
    this.nearest = nearest;
  }
}

export function mustBe(allowed: string, nearest: string | null = null): BadValue {
  return new BadValue(`must be ${allowed}`, { allowed, nearest });
}

export type PlanErrorCode =
  | 'bad-value'
  | 'unknown-option'
  | 'unknown-key'
  | 'conflict'
  | 'bad-document'
  | 'unknown-document'
  | 'bad-join-command';

/** The user said something that cannot be: a usage error, in one sentence. */
export class PlanError extends Error {
  readonly code: PlanErrorCode;
  /** What was wrong, as the user named it: `--role`, `SEAWORTHY_ROLE`, `/etc/seaworthy/seaworthy.yaml:3:7 role`. */
  readonly about: string;
  readonly allowed: string | null;
  readonly nearest: string | null;

  constructor(code: PlanErrorCode, about: string, said: string, { allowed = null, nearest = null }: Details = {}) {
    super(`${about}: ${said}${nearest === null ? '' : ` (did you mean ${nearest}?)`}`);
    this.name = 'PlanError';
    this.code = code;
    this.about = about;
    this.allowed = allowed;
    this.nearest = nearest;
  }
}

/** A value as the user may see it again: cleaned, without tokens, and cut where it is long. */
export function quoted(text: string): string {
  const shown = withoutTokens(text);
  return JSON.stringify(shown.length > 60 ? `${shown.slice(0, 60)}…` : shown);
}
