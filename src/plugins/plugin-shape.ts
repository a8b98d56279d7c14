import * as z from 'zod';
import type { Check } from '../engine/check.ts';
import type { FactName } from '../evidence/facts.ts';
import type { Fact } from '../facts/define-fact.ts';
import { STATUSES } from '../values/status.ts';

const KEBAB = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
/** Camel case in a module; of a rule the id. */
const FACT = /^[a-z][A-Za-z0-9-]*$/;

/** A function of somebody else: that it is one is all that can be seen, what it takes and gives its author promises. */
function callable<T>() {
  return z.custom<T>((value) => typeof value === 'function', 'it is no function');
}

const fact = z.object({
  title: z.string().min(1),
  schema: callable<Fact<unknown>['schema']>(),
  attempts: z.int().min(1).exactOptional(),
  read: callable<Fact<unknown>['read']>(),
});

const factName = z.custom<FactName>((value) => typeof value === 'string', 'it is no name of a fact');

const check = z
  .object({
    id: z.string(),
    title: z.string().min(1),
    docs: z.url({ protocol: /^https$/ }),
    kubeadm: z.array(z.string()),
    stages: z.array(z.enum(['fresh', 'joined'])).min(1),
    roles: z.array(z.enum(['control-plane', 'worker', 'etcd'])).exactOptional(),
    requires: z.array(z.enum(['join', 'controlPlaneEndpoint', 'externalEtcd', 'cni', 'podCidr'])).exactOptional(),
    reasons: z.record(z.string().regex(KEBAB), z.enum(STATUSES)),
    page: z.string().exactOptional(),
    needs: z.array(factName),
    wants: z.array(factName),
    judge: callable<NonNullable<Check['judge']>>().exactOptional(),
    compare: callable<NonNullable<Check['compare']>>().exactOptional(),
  })
  .refine(({ judge, compare }) => judge !== undefined || compare !== undefined, 'it has neither judge nor compare');

/** What a plugin's module must export by default: see Plugin. */
export const pluginShape = z.object({
  apiVersion: z.literal(1),
  name: z.string().regex(KEBAB),
  checks: z.array(check).default([]),
  facts: z.record(z.string().regex(FACT), fact).default({}),
});

export type LoadedPlugin = z.infer<typeof pluginShape>;
