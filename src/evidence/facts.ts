import type { Fact } from '../facts/define-fact.ts';
import type { BuiltInFacts } from '../facts/index.ts';

/** Every fact by name; a plugin adds its own by declaration merging. */
export interface Facts extends BuiltInFacts {}

export type FactName = keyof Facts;

/**
 * Every fact by its name: what is built in, and at run time what plugins add. A plugin's facts have names of their own, `acme/diskLabel`,
 * whose types its declaration merging promises to its checks; nothing of ours knows them.
 */
export type FactTable = { readonly [K in FactName]: Fact<Facts[K]> };
