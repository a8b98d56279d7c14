/** What a plugin imports from `seaworthy/plugin`. */
export { defineCheck } from '../judging/define-check.ts';
export { defineFact } from '../facts/define-fact.ts';
export { testCheck } from './test-check.ts';
