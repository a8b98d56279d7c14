import * as z from 'zod';

const text = (limit = 1_000) => z.string().max(limit);

/** What a machine tells of its pods: the type is PodsResult of evidence/pods.ts. */
export function podsSchema() {
  const failed = z.object({
    plugin: text().describe('its type'),
    kind: z
      .enum([
        'said',
        'junk',
        'timed-out',
        'killed',
        'missing',
        'not-executable',
        'cannot-start',
        'refused',
        'other-version',
      ])
      .describe('how it failed: said so itself, answered junk, or what kept it from answering'),
    code: z.number().nullable().describe('its own error code, of the CNI protocol'),
    message: text(4_000).describe('in its own words where it has any'),
  });
  const remainder = z.object({
    what: z
      .enum(['interface', 'address', 'route', 'rule', 'sysctl', 'reservation', 'namespace', 'process', 'file'])
      .describe('kind of thing'),
    name: text().describe('of the thing: cni0, net.ipv4.ip_forward'),
    before: text(4_000).nullable().describe('null where it was not there'),
    after: text(4_000).nullable().describe('null where it is not there'),
  });
  const pod = z.object({
    name: text().describe('container ID of a throw-away pod; what the node calls an existing one'),
    interface: text().nullable().describe('of the pod, that its network gave it'),
    addresses: z.array(text(64)).max(64).readonly().describe('with their prefix lengths, as the pod has them'),
    mtu: z.number().nullable().describe('bytes'),
    status: failed
      .nullable()
      .default(null)
      .describe('the plugin that said in STATUS that it could do no ADD; null when none did, or none was asked'),
    add: failed.nullable().describe('the plugin that failed in ADD; null when none did'),
    check: z
      .union([failed, z.enum(['done', 'not-supported'])])
      .nullable()
      .describe('what became of CHECK; null when it was not come to'),
    del: z.array(failed).max(64).readonly().describe('plugins that failed in DEL'),
    differences: z
      .array(
        z.object({
          what: z.enum(['interface', 'address', 'route', 'mtu', 'mac', 'dns']).describe('kind of thing'),
          claimed: text().describe('by the result'),
          found: text().nullable().describe('in the pod; null when there is nothing of the kind'),
        }),
      )
      .max(256)
      .readonly()
      .describe('what the result of ADD says, and what is in the pod instead'),
  });
  return z.object({
    how: z
      .enum(['throw-away', 'existing'])
      .describe('throw-away: made for the run; existing: those of the node, entered'),
    none: z
      .object({
        why: z
          .enum([
            'no-network',
            'broken-network',
            'needs-real-pod',
            'no-pods',
            'not-allowed',
            'busy',
            'denied',
            'missing',
            'timeout',
            'unsupported',
            'error',
          ])
          .describe('as a code'),
        detail: text(4_000).describe('as a sentence'),
      })
      .nullable()
      .describe('why there are no pods; null when some were made, or tried'),
    network: z
      .object({
        file: text().describe('its configuration file'),
        name: text().describe('its name'),
        version: text().describe('what it was run with'),
        plugins: z.array(text()).max(64).readonly().describe('their types, in the order of the chain'),
      })
      .nullable()
      .describe('the chain that was run; null of existing pods'),
    pods: z.array(pod).max(64).readonly().describe('those that were made, tried or entered'),
    left: z.array(remainder).max(1_000).readonly().describe('what is there still after DEL, and was not before'),
    putBack: z
      .array(remainder)
      .max(1_000)
      .readonly()
      .describe('what plugins keep by design, or left behind, and was put back'),
    unclear: z
      .array(remainder)
      .max(1_000)
      .readonly()
      .default([])
      .describe('what came to the machine meanwhile, and nothing says whose it is; it was left alone'),
  });
}
