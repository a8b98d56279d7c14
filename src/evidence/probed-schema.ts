import * as z from 'zod';
import { probeResultSchemas } from '../peers/messages/probe-results.ts';

/** Packets as a file has them. Machines are named by their places in the file's list of `nodes`; there are so many of them. */
export function probedSchema(nodes: number) {
  const machine = z
    .string()
    .regex(/^\d{1,6}$/)
    .refine((place) => Number(place) < nodes, 'no node of the file has this place')
    .describe('place in the list of nodes, from 0');
  const port = z.int().min(1).max(65_535);
  const ports = z
    .object({ first: port.describe('the lowest'), last: port.describe('the same for a single port') })
    .refine(({ first, last }) => first <= last, 'it is reversed')
    .describe('those that were tried');
  const address = z.string().max(300).describe('of the receiver, that was tried');
  const directed = {
    from: machine.describe('the one that sent'),
    to: machine.describe('the one that was to receive'),
    address,
  };
  const how = z.enum(['throw-away', 'existing']).describe('pods made for the run, or those of the node');
  const pod = z.int().min(0).max(63).nullable().describe('counted from 0; null for the machine itself');
  const place = z.object({ machine, pod });

  const unread = z.object({
    unread: z
      .enum(['peer-unreachable', 'undecided', 'no-peers'])
      .describe('its control channel, or it was lost on the way, or time ran out, or they were in no run together'),
    machine: machine.describe('the one at fault'),
    detail: z.string().describe('why, as a sentence'),
  });
  const results = probeResultSchemas(machine);

  /** What was asked for, and what came of it. */
  const probe = <K extends keyof typeof results, R extends z.ZodRawShape, T>(
    name: K,
    asked: R,
    result: z.ZodType<T>,
  ) => {
    const kind = z.literal(name).describe('of the probe');
    return z.object({
      kind,
      request: z.object({ kind, ...asked }).describe('what was asked for'),
      reading: z
        .union([z.object({ value: result.describe('what both sides saw') }), unread])
        .describe('what came of it, or why nothing is known'),
    });
  };

  return z.discriminatedUnion('kind', [
    probe('tcp', { ...directed, ports, bulk: z.boolean().describe('200 kB there and back as well') }, results.tcp),
    probe(
      'udp',
      {
        ...directed,
        ports,
        count: z.int().min(1).describe('datagrams to each port'),
        dress: z
          .enum(['vxlan', 'geneve'])
          .nullable()
          .describe('as many again that look like this encapsulation, and as many plain ones of their size'),
      },
      results.udp,
    ),
    probe(
      'path-mtu',
      {
        ...directed,
        ports: z.array(port).max(64).describe('those of UDP that were tried, in this order'),
        ceiling: z.int().min(1).describe('bytes of an IP packet that were tried first'),
      },
      results['path-mtu'],
    ),
    probe('clock', { to: machine.describe('the one that was asked') }, results.clock),
    probe(
      'endpoint',
      {
        from: directed.from,
        pod: z
          .int()
          .min(0)
          .max(63)
          .exactOptional()
          .describe('of the machine, that sent; the machine itself where it is absent'),
        address,
        port: port.describe('that was tried'),
        behind: z
          .array(
            z.object({ machine, address: address.describe('where it listened'), port: port.describe('that it held') }),
          )
          .max(2_000)
          .describe('members of the run that held a port of theirs open meanwhile'),
      },
      results.endpoint,
    ),
    probe('pods', { machine, how, count: z.int().min(1).max(64).describe('pods that were asked for') }, results.pods),
    probe(
      'pod-way',
      { how, from: place.describe('what sent'), to: place.describe('what was to receive') },
      results['pod-way'],
    ),
  ]);
}
