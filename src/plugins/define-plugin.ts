import type { Check } from '../engine/check.ts';
import type { Fact } from '../facts/define-fact.ts';

/** What a plugin's module exports by default. */
export interface Plugin {
  readonly apiVersion: 1;
  /** The category of its checks, `acme/disk-label`, and the beginning of the names of its facts, `acme/diskLabel`. */
  readonly name: string;
  readonly checks?: readonly Check[];
  /** By their name without the plugin's. */
  readonly facts?: Readonly<Record<string, Fact<unknown>>>;
}

export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}
