/** Which commands take an option, where several options go together. */

/** Commands that look at a machine or judge what was seen of one. */
export const MACHINE = ['check', 'serve', 'facts', 'compare', 'config'] as const;
/** What is true of one machine, and said where it is. */
export const ONE_MACHINE = [...MACHINE, 'listen'] as const;
/** What is true of all machines of a cluster. */
export const CLUSTER = [...MACHINE, 'mesh'] as const;
export const READING = ['check', 'mesh', 'serve', 'facts', 'config'] as const;
export const JUDGING = ['check', 'mesh', 'serve', 'compare', 'config'] as const;
/** Commands that print something found. */
export const REPORTING = ['check', 'mesh', 'compare', 'config', 'diff'] as const;
export const CATALOGUE = ['check', 'mesh', 'facts', 'compare', 'config', 'list', 'explain', 'schema'] as const;
