import * as z from 'zod';
import { bulkSchema, pathMtuSchema, senderSchema } from '../../probes/schemas.ts';
import { address, key, port, ports, run } from './wire-values.ts';

/** What a machine is to send, to one address. */
export const job = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('tcp'),
    to: key,
    address,
    ports: z.array(ports).max(4_096),
    /** The receiver's listeners are ours: wait for the greeting. Otherwise a connection that is taken is all there is to see. */
    greeting: z.boolean(),
    /** Connects to each port at the same time. */
    repeat: z.int().min(1).max(16),
    /** Keep what is silent or mute open until `release`, so that the other side's kernel can be looked at. */
    hold: z.boolean(),
    bulk: z.boolean(),
  }),
  z.object({
    kind: z.literal('udp'),
    to: key,
    address,
    ports: z.array(ports).max(4_096),
    count: z.int().min(1).max(200),
    dress: z.enum(['vxlan', 'geneve']).nullable(),
    /** A connected socket for each port, which hears of refusals; otherwise one socket for all of them. */
    connected: z.boolean(),
  }),
  z.object({
    kind: z.literal('path-mtu'),
    to: key,
    address,
    ports: z.array(port).max(64),
    ceiling: z.int().min(576).max(65_535),
  }),
  z.object({
    kind: z.literal('endpoint'),
    address,
    port,
    /** Port of the listeners behind it. */
    behind: port,
  }),
]);

/** All that it is to send at one go. */
export const sending = z.object({
  run,
  jobs: z.array(job).max(4_096),
  /** Probes on the way at the same time that nothing has come of yet. */
  inFlight: z.int().min(1).max(4_096),
  /** Milliseconds after which silence is silence. */
  silenceMs: z.int().min(10).max(60_000),
});

/** What it saw of that. */
export const sent = z.object({
  /** In the order of the jobs. */
  results: z.array(
    z.discriminatedUnion('kind', [
      z.object({
        kind: z.literal('reach'),
        reaches: z.array(z.object({ ports, saw: senderSchema() })),
        bulk: bulkSchema().nullable(),
        /** Local ports of connects that are held, with the port that each goes to. */
        held: z.array(z.object({ port, localPort: port })).max(70_000),
      }),
      z.object({ kind: z.literal('path-mtu'), found: pathMtuSchema() }),
      z.object({ kind: z.literal('refused'), detail: z.string() }),
    ]),
  ),
  /** Longest time that this process did not come to look at its sockets meanwhile. Milliseconds. */
  lagMs: z.number(),
});
