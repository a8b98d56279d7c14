/** What this program is called, and what its processes that listen call themselves. */
export const PROGRAM = 'seaworthy';
