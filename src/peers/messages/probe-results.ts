import * as z from 'zod';
import { podsSchema } from './pods-schema.ts';
import { bulkSchema, pathMtuSchema, portsSchema, receiverSchema, senderSchema } from '../../probes/schemas.ts';

const count = z.number().nonnegative();

/** What came of each kind of probe, both sides of it: the types are those of evidence/probes.ts. `machine` is how machines are named there. */
export function probeResultSchemas(machine: z.ZodType<string>) {
  const sender = senderSchema().extend({
    answeredBy: machine
      .nullable()
      .describe(
        'machine whose listener answered; null for somebody of no machine of the run, and where nobody proved anything',
      ),
  });
  const reach = z.object({
    ports: portsSchema().describe('neighbours of one story share one'),
    sender: sender.describe('what the sender saw'),
    receiver: receiverSchema().nullable().describe('null when the peer could no longer say'),
    attempts: count.describe('how often was looked'),
    undecided: z.string().nullable().describe('why it cannot be decided, whatever was seen'),
  });
  const reached = z.object({
    reaches: z.array(reach).max(65_535).describe('what both sides saw, by ports'),
    bulk: bulkSchema().nullable().describe('200 kB there and back over one connection; null when that was not tried'),
  });
  const forwarded = z.object({
    forwarded: count
      .nullable()
      .describe('packets that it passed on; null, as below, where others move the counter too'),
    addressErrors: count
      .nullable()
      .describe('packets for others while forwarding is off, or with an address that cannot be (IpInAddrErrors)'),
    noRoutes: count.nullable().describe('packets that it had no route for'),
    reversePathFiltered: count.nullable().describe('packets that the reverse path filter dropped'),
    received: count.nullable().describe('packets that came in, forwarded or not'),
  });
  return {
    tcp: reached,
    udp: reached,
    'path-mtu': pathMtuSchema(),
    clock: z.object({
      offsetMs: z
        .number()
        .describe('milliseconds that its clock is ahead of the one of the machine that conducts the run'),
      uncertaintyMs: count.describe('milliseconds that this may be wrong by'),
      exchanges: count.describe('how often it was asked'),
    }),
    endpoint: z.object({
      sender: sender.describe('what the sender saw'),
      arrivedAt: z.array(machine).max(2_000).describe('members that took the connection, as they recorded it'),
    }),
    pods: podsSchema(),
    'pod-way': z.object({
      ways: z
        .array(
          z.object({
            family: z.union([z.literal(4), z.literal(6)]).describe('of IP'),
            source: z
              .string()
              .max(64)
              .nullable()
              .describe('address of the pod that sends; null where the machine itself does'),
            address: z.string().max(64).describe('that is tried'),
            tcp: reach.describe('what both sides saw of TCP'),
            udp: reach.describe('what both sides saw of UDP'),
            bulk: bulkSchema()
              .nullable()
              .describe('200 kB there and back over one connection; null when that was not tried'),
            passed: z
              .object({
                from: forwarded.nullable().describe('of the sender’s machine'),
                to: forwarded.nullable().describe('of the receiver’s machine'),
              })
              .nullable()
              .describe('what the kernels of both machines counted during a second look; null without one'),
          }),
        )
        .max(2)
        .describe('one for each family of addresses that both ends have'),
    }),
  };
}
