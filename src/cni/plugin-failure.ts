import type { RunResult } from '../system/programs.ts';
import { jsonOf } from '../values/json.ts';

/** A plugin did not do what it was asked. */
export interface PluginFailure {
  /** The type of the plugin, as the chain names it. */
  readonly plugin: string;
  readonly kind: FailureKind;
  /** The error code of the specification, where the plugin gave one: https://www.cni.dev/docs/spec/#error */
  readonly code: number | null;
  /** The plugin's own words, cut, else ours. What it says may hold control characters. */
  readonly message: string;
}

/**
 * `said`: it ended with an error, as JSON or as text. `junk`: what it printed is no answer. `killed`: a signal ended it. `refused`: others
 * can write it, so it was not run. `other-version`: it does not speak the version of the chain. `stopped`: the run was ended, which says
 * nothing about the plugin.
 */
export type FailureKind =
  | 'said'
  | 'junk'
  | 'timed-out'
  | 'killed'
  | 'missing'
  | 'not-executable'
  | 'cannot-start'
  | 'refused'
  | 'other-version'
  | 'stopped';

export interface Failed {
  readonly ok: false;
  readonly failure: PluginFailure;
}

export type StepResult<T> = { readonly ok: true; readonly value: T } | Failed;

/** Of a plugin's words no more is kept: a finding is read by people. */
const MAX_WORDS = 1000;

export function failed(plugin: string, kind: FailureKind, message: string, code: number | null = null): Failed {
  return { ok: false, failure: { plugin, kind, code, message: message.trim().slice(0, MAX_WORDS) } };
}

/** How a plugin ended that did not end well: its error is on standard output; free text is all that some have. */
export function badEnding(plugin: string, { exitCode, killedBy, stdout, stderr }: RunResult): Failed {
  const text = stdout.trim() === '' ? stderr.trim() : stdout.trim();
  if (killedBy !== null)
    return failed(plugin, 'killed', `it was ended by ${killedBy}${text === '' ? '' : `; it said: ${text}`}`);
  const error = errorIn(stdout);
  if (error !== null) return failed(plugin, 'said', error.message, error.code);
  return failed(plugin, 'said', `it ended with ${exitCode}${text === '' ? ', without a word' : `: ${text}`}`);
}

/** An error as the specification has it: `code`, `msg` and, may be, `details`. Null for anything else. */
export function errorIn(stdout: string): { readonly code: number | null; readonly message: string } | null {
  const json = jsonOf(stdout);
  if (typeof json !== 'object' || json === null || !('msg' in json)) return null;
  const { msg } = json;
  if (typeof msg !== 'string' || msg.trim() === '') return null;
  const details =
    'details' in json && typeof json.details === 'string' && json.details !== '' ? `; ${json.details}` : '';
  return { code: 'code' in json && Number.isInteger(json.code) ? Number(json.code) : null, message: msg + details };
}
