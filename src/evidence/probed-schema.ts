import * as z from 'zod';
import { probeResultSchemas } from '../peers/probe-results.ts';

/** Packets as a file has them. Machines are named by their places in the file's list of `nodes`; there are so many of them. */
export function probedSchema(nodes: number) {
  const machine = z
    .string()
    .regex(/^\d{1,6}$/)
    .refine((place) => Number(place) < nodes, 'no node of the file has this place')
    .describe('place in the list of nodes, from 0');
  const port = z.int().min(1).max(65_535);
  const ports = z.object({ first: port, last: port }).refine(({ first, last }) => first <= last, 'it is reversed');
  const address = z.string().max(300);
  const directed = z.object({ from: machine, to: machine, address });

  const unread = z.object({
    unread: z.enum(['peer-unreachable', 'undecided']),
    machine: machine.describe('the one at fault'),
    detail: z.string().describe('why, as a sentence'),
  });
  const results = probeResultSchemas(machine);
  const reading = <T>(value: z.ZodType<T>) => z.union([z.object({ value }), unread]);

  const how = z.enum(['throw-away', 'existing']);
  const place = z.object({ machine, pod: z.int().min(0).max(63).nullable() });

  return z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('tcp'),
      request: directed.extend({ kind: z.literal('tcp'), ports, bulk: z.boolean() }),
      reading: reading(results.tcp),
    }),
    z.object({
      kind: z.literal('udp'),
      request: directed.extend({
        kind: z.literal('udp'),
        ports,
        count: z.int().min(1),
        dress: z.enum(['vxlan', 'geneve']).nullable(),
      }),
      reading: reading(results.udp),
    }),
    z.object({
      kind: z.literal('path-mtu'),
      request: directed.extend({ kind: z.literal('path-mtu'), ports: z.array(port).max(64), ceiling: z.int().min(1) }),
      reading: reading(results['path-mtu']),
    }),
    z.object({
      kind: z.literal('clock'),
      request: z.object({ kind: z.literal('clock'), to: machine }),
      reading: reading(results.clock),
    }),
    z.object({
      kind: z.literal('endpoint'),
      request: z.object({
        kind: z.literal('endpoint'),
        from: machine,
        address,
        port,
        behind: z.array(z.object({ machine, address, port })).max(2_000),
      }),
      reading: reading(results.endpoint),
    }),
    z.object({
      kind: z.literal('pods'),
      request: z.object({ kind: z.literal('pods'), machine, how, count: z.int().min(1).max(64) }),
      reading: reading(results.pods),
    }),
    z.object({
      kind: z.literal('pod-way'),
      request: z.object({ kind: z.literal('pod-way'), how, from: place, to: place }),
      reading: reading(results['pod-way']),
    }),
  ]);
}
