import * as z from 'zod';
import { podsSchema } from './pods-schema.ts';
import { bulkSchema, pathMtuSchema, portsSchema, receiverSchema, senderSchema } from '../probes/schemas.ts';

const count = z.number().nonnegative();

/** What came of each kind of probe, both sides of it: the types are those of evidence/probes.ts. `machine` is how machines are named there. */
export function probeResultSchemas(machine: z.ZodType<string>) {
  const sender = senderSchema().extend({ answeredBy: machine.nullable() });
  const reach = z.object({
    ports: portsSchema(),
    sender,
    receiver: receiverSchema().nullable().describe('null when the peer could no longer say'),
    attempts: count.describe('how often was looked'),
    undecided: z.string().nullable().describe('why it cannot be decided, whatever was seen'),
  });
  const reached = z.object({ reaches: z.array(reach).max(65_535), bulk: bulkSchema().nullable() });
  const forwarded = z.object({
    forwarded: count.nullable(),
    addressErrors: count.nullable(),
    noRoutes: count.nullable(),
    reversePathFiltered: count.nullable(),
    received: count.nullable(),
  });
  return {
    tcp: reached,
    udp: reached,
    'path-mtu': pathMtuSchema(),
    clock: z.object({ offsetMs: z.number(), uncertaintyMs: count, exchanges: count }),
    endpoint: z.object({ sender, arrivedAt: z.array(machine).max(2_000) }),
    pods: podsSchema(),
    'pod-way': z.object({
      ways: z
        .array(
          z.object({
            family: z.union([z.literal(4), z.literal(6)]),
            source: z.string().max(64).nullable(),
            address: z.string().max(64),
            tcp: reach,
            udp: reach,
            bulk: bulkSchema().nullable(),
            passed: z.object({ from: forwarded.nullable(), to: forwarded.nullable() }).nullable(),
          }),
        )
        .max(2),
    }),
  };
}
