/** What a plugin imports from `seaworthy/plugin`. */
export * as z from 'zod';
export { defineCheck } from '../judging/define-check.ts';
export { defineFact } from '../facts/define-fact.ts';
export { SystemError } from '../system/system.ts';
export { definePlugin } from './define-plugin.ts';
export { testCheck } from './test-check.ts';
export { testRules } from './test-rules.ts';
// All of them by `*`: a name that is exported one by one cannot be merged with a plugin's own declaration.
export type * from '../evidence/facts.ts';
export type { CheckDefinition, Draft, JudgeContext, PairDraft, Reasons, Remedy } from '../engine/check.ts';
export type { Node } from '../engine/node.ts';
export type { Reading } from '../evidence/reading.ts';
export type { Fact, FactContext } from '../facts/define-fact.ts';
export type { Role, Settings, Stage } from '../plan/settings.ts';
export type { Finding } from '../report/schema.ts';
export type { System } from '../system/system.ts';
export type { Status } from '../values/status.ts';
export type { Plugin } from './define-plugin.ts';
