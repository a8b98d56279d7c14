import * as z from 'zod';

/** What was seen of packets, as it is sent between nodes and saved: the types are those of evidence/probes.ts. */

const port = z.int().min(1).max(65_535);
const count = z.number().nonnegative();
const address = z.string().max(64).nullable();

export const portsSchema = () =>
  z.object({ first: port, last: port }).refine(({ first, last }) => first <= last, 'it is reversed');

export const countedSchema = () => z.object({ sent: count, came: count, duplicates: count, reordered: count });

export const senderSchema = () =>
  z.object({
    outcome: z.enum(['answered', 'accepted', 'refused', 'error', 'silence']),
    errno: z.string().max(40).nullable(),
    waitedMs: count,
    rttMs: count.nullable(),
    sent: count,
    address,
    atOnce: z.boolean(),
    answeredBy: z.string().max(300).nullable(),
    spoken: z.boolean(),
    heldBack: count.nullable(),
    neighbour: z.enum(['failed', 'resolved']).nullable(),
    answers: countedSchema().nullable(),
    dressed: countedSchema().nullable(),
    likeDressed: countedSchema().nullable(),
  });

export const receiverSchema = () =>
  z.object({
    listener: z.enum(['ours', 'owner', 'kernel', 'service', 'none', 'unavailable']),
    detail: z.string().max(1_000).nullable(),
    arrived: count,
    answered: count,
    source: address,
    halfOpen: count,
    established: count,
    turnedBack: count.nullable(),
    cookies: count.nullable(),
    lostAt: z.enum(['before-peer', 'peer-input', 'peer-output', 'after-peer', 'unknown']).nullable(),
    requests: countedSchema().nullable(),
    dressed: countedSchema().nullable(),
    likeDressed: countedSchema().nullable(),
  });

export const bulkSchema = () =>
  z.object({ port, bytes: count, arrived: count, returned: count, ms: count, stalled: z.boolean() });

export const pathMtuSchema = () =>
  z.object({
    port: port.nullable(),
    mtu: z.int().nullable(),
    beyond: z.enum(['none-tried', 'told', 'black-hole']).nullable(),
    ceiling: z.int(),
    source: address,
    detail: z.string().max(1_000).nullable(),
  });
