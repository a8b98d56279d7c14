import * as z from 'zod';
import type { Fact } from '../facts/define-fact.ts';
import { probedSchema } from './probed-schema.ts';
import { EVIDENCE_SCHEMA } from './schema.ts';
import { CONTROL_PROBLEMS, SSH_PROBLEMS } from './control-problems.ts';
import { savedPlanSchema } from '../plan/saved-plan-schema.ts';

/** A fact as a file has it: the value, or why there is none. */
export function readingSchema<T>(value: z.ZodType<T>) {
  const unread = z.enum(['denied', 'missing', 'timeout', 'unsupported', 'error']).describe('why it was not read');
  return z.union([
    z.object({ value: value.describe('what was read') }),
    z.object({ unread, detail: z.string().describe('the same as a sentence') }),
  ]);
}

/** A document of saved facts around whatever is held to be the facts of a node and those of a cluster, with packets between so many nodes. */
export function documentSchema<T, C>(facts: z.ZodType<T>, cluster: z.ZodType<C>, count: number) {
  const node = z.object({
    self: z.boolean().describe('the machine that ran seaworthy'),
    key: z.string().min(1).max(300).exactOptional().describe('what it was called in a run with peers'),
    peer: z.boolean().exactOptional().describe('another machine of the run, which answered over the network'),
    judged: z
      .boolean()
      .exactOptional()
      .describe('false for a peer of which only what is between it and others was judged'),
    reachedBy: z
      .array(z.string().max(64))
      .max(8)
      .exactOptional()
      .describe('its addresses by which the others of the run reached it'),
    unreachable: z.string().exactOptional().describe('why nothing could be learned of it, as a sentence'),
    problem: z.enum(CONTROL_PROBLEMS).exactOptional().describe('what was in the way of its control channel'),
    ssh: z
      .object({
        problem: z.enum(SSH_PROBLEMS).describe('what was in the way'),
        to: z.array(z.string()).describe('arguments of ssh that lead there'),
        withheld: z
          .boolean()
          .exactOptional()
          .describe('whether an inventory has further ones, which may hold a password and are not repeated'),
      })
      .exactOptional()
      .describe('how it was tried to be reached, where that was over ssh'),
    plan: savedPlanSchema().describe('what the user had said there; no secrets'),
    facts: facts.describe('what the machine found out by itself, each by its name'),
  });
  return z.object({
    schema: z.literal(EVIDENCE_SCHEMA).describe('what this document is'),
    tool: z
      .object({ name: z.string().describe('its name'), version: z.string().describe('its version') })
      .describe('the program that looked'),
    takenAt: z.string().describe('ISO 8601, UTC'),
    nodes: z.array(node).min(1).describe('the machines that were looked at'),
    plan: savedPlanSchema().exactOptional().describe('what was said for all nodes of a run with peers'),
    cluster: cluster.exactOptional().describe('what the API of a cluster told, which holds for all of them'),
    probes: z
      .array(probedSchema(count))
      .exactOptional()
      .describe('packets between the nodes, with what both sides saw of them'),
  });
}

/** The JSON Schema of a file that `--save-facts` writes, each fact with its own. */
export function evidenceJsonSchema(facts: Readonly<Record<string, Fact<unknown>>>): z.core.JSONSchema.BaseSchema {
  const readings = (of: Fact<unknown>['of']) => {
    const some = Object.entries(facts).filter(([, fact]) => fact.of === of);
    return z.object(
      Object.fromEntries(
        some.map(([name, fact]) => [name, readingSchema(fact.schema()).describe(fact.title).optional()]),
      ),
    );
  };
  return z.toJSONSchema(documentSchema(readings(undefined), readings('cluster'), Infinity), {
    unrepresentable: 'any',
    io: 'input',
  });
}
