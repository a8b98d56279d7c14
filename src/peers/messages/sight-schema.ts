import * as z from 'zod';
import { countedSchema } from '../../probes/schemas.ts';
import { address, key, opening, port, ports, protocol, run } from './wire-values.ts';

/** What of a machine's view is wanted. */
export const question = z.object({
  run,
  /** Whose packets; null for those of all members. */
  from: key.nullable(),
  /** Arrivals and sockets on these ports. */
  ports: z.array(z.object({ protocol, ports })).max(4_096),
  /** The kernel's connections on these ports too, and next hops that do not answer: somebody heard nothing, and such tables are long. */
  connections: z.boolean(),
});

/** Counters of /proc/net/snmp, snmp6 and netstat; null where the kernel does not have it. */
export const counters = z.object({
  inReceives: z.number(),
  inDelivers: z.number(),
  outRequests: z.number(),
  outTransmits: z.number().nullable(),
  embryonicResets: z.number(),
  listenDrops: z.number(),
  deferred: z.number(),
  cookiesSent: z.number(),
  retransmitFailures: z.number().nullable(),
  refusals: z.number().nullable(),
  forwarded: z.number(),
  addressErrors: z.number(),
  noRoutes: z.number(),
  reversePathFiltered: z.number().nullable(),
});

/** What a machine sees of a run now. */
export const sight = z.object({
  arrivals: z.array(
    z.object({
      from: key,
      protocol,
      address,
      ports,
      arrived: z.number(),
      answered: z.number(),
      source: address.nullable(),
      requests: countedSchema().nullable(),
      dressed: countedSchema().nullable(),
      likeDressed: countedSchema().nullable(),
    }),
  ),
  /** Connections on these ports, half-open (SYN_RECV) or made. */
  connections: z
    .array(z.object({ port, remoteAddress: address, remotePort: port, halfOpen: z.boolean() }))
    .max(100_000),
  /** By family. */
  counters: z.object({ 4: counters, 6: counters.nullable() }),
  /** Addresses of members for which nobody answers ARP or neighbour discovery, or for the gateway that leads to them. */
  neighboursFailed: z.array(address).max(10_000),
  /** Ports of the run that are open still. */
  open: z.array(opening).max(70_000),
  lagMs: z.number(),
});
