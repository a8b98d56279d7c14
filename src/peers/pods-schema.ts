import * as z from 'zod';

const text = (limit = 1_000) => z.string().max(limit);

/** What a machine tells of its pods: the type is PodsResult of evidence/pods.ts. */
export function podsSchema() {
  const failed = z.object({
    plugin: text(),
    kind: z.enum([
      'said',
      'junk',
      'timed-out',
      'killed',
      'missing',
      'not-executable',
      'cannot-start',
      'refused',
      'other-version',
    ]),
    code: z.number().nullable(),
    message: text(4_000),
  });
  const remainder = z.object({
    what: z.enum(['interface', 'address', 'route', 'rule', 'sysctl', 'reservation', 'namespace', 'process', 'file']),
    name: text(),
    before: text(4_000).nullable(),
    after: text(4_000).nullable(),
  });
  const pod = z.object({
    name: text(),
    interface: text().nullable(),
    addresses: z.array(text(64)).max(64).readonly(),
    mtu: z.number().nullable(),
    add: failed.nullable(),
    check: z.union([failed, z.enum(['done', 'not-supported'])]).nullable(),
    del: z.array(failed).max(64).readonly(),
    differences: z
      .array(
        z.object({
          what: z.enum(['interface', 'address', 'route', 'mtu', 'mac', 'dns']),
          claimed: text(),
          found: text().nullable(),
        }),
      )
      .max(256)
      .readonly(),
  });
  return z.object({
    how: z.enum(['throw-away', 'existing']),
    none: z
      .object({
        why: z.enum([
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
        ]),
        detail: text(4_000),
      })
      .nullable(),
    network: z
      .object({ file: text(), name: text(), version: text(), plugins: z.array(text()).max(64).readonly() })
      .nullable(),
    pods: z.array(pod).max(64).readonly(),
    left: z.array(remainder).max(1_000).readonly(),
    putBack: z.array(remainder).max(1_000).readonly(),
  });
}
