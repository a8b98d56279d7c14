/** All commands as one chunk: they share nearly everything, and each further file costs a run its loading. */
export { check } from './check.ts';
export { facts } from './facts.ts';
export { compare } from './compare.ts';
export { config } from './config.ts';
export { list } from './list.ts';
export { explain } from './explain.ts';
export { schema } from './schema.ts';
export { token } from './token.ts';
export { completion } from './completion.ts';
