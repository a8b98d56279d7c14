import type { BuiltInFacts } from '../facts/index.ts';

/** Every fact by name; a plugin adds its own by declaration merging. */
export interface Facts extends BuiltInFacts {}

export type FactName = keyof Facts;
