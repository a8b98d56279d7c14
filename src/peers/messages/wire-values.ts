import * as z from 'zod';

/** What messages of the control channel consist of. */

export const port = z.int().min(1).max(65_535);
export const ports = z.object({ first: port, last: port }).refine(({ first, last }) => first <= last, 'it is reversed');
export const address = z.string().max(64);
export const key = z.string().max(300);
export const run = z.string().regex(/^[0-9a-f]{16}$/);
export const secret = z.string().regex(/^[\w-]{43}$/);
export const protocol = z.enum(['tcp', 'udp']);

/** A port of this machine that the run needs open. */
export const opening = z.object({ protocol, address, ports });
