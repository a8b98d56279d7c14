import * as z from 'zod';
import { SystemError } from '../system/system.ts';
import type { ClusterClient } from './client.ts';
import type { Resource } from './resource.ts';

export const POLICIES: Resource = { group: 'networking.k8s.io', version: 'v1', name: 'networkpolicies' };
const MOST = 10_000;

/** Policies of network add-ons, and of SIG Network: what they select is not worked out here, only whether there are any. */
export const OTHER_POLICIES: readonly Resource[] = [
  { group: 'cilium.io', version: 'v2', name: 'ciliumnetworkpolicies' },
  { group: 'cilium.io', version: 'v2', name: 'ciliumclusterwidenetworkpolicies' },
  { group: 'crd.projectcalico.org', version: 'v1', name: 'networkpolicies' },
  { group: 'crd.projectcalico.org', version: 'v1', name: 'globalnetworkpolicies' },
  { group: 'crd.antrea.io', version: 'v1beta1', name: 'networkpolicies' },
  { group: 'crd.antrea.io', version: 'v1beta1', name: 'clusternetworkpolicies' },
  { group: 'policy.networking.k8s.io', version: 'v1alpha1', name: 'adminnetworkpolicies' },
  { group: 'policy.networking.k8s.io', version: 'v1alpha1', name: 'baselineadminnetworkpolicies' },
];

const requirement = z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).nullish() });

/** What of a NetworkPolicy is used: https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/ */
const policy = z.object({
  metadata: z.object({ namespace: z.string(), name: z.string() }),
  spec: z.object({
    podSelector: z
      .object({
        matchLabels: z.record(z.string(), z.string()).nullish(),
        matchExpressions: z.array(requirement).nullish(),
      })
      .nullish(),
    policyTypes: z.array(z.string()).nullish(),
    egress: z.array(z.unknown()).nullish(),
  }),
});

export interface ClusterPolicies {
  readonly policies: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly matchLabels: Readonly<Record<string, string>>;
    readonly matchExpressions: readonly {
      readonly key: string;
      readonly operator: string;
      readonly values: readonly string[];
    }[];
    /** It is about what comes to the pods, or what leaves them. */
    readonly ingress: boolean;
    readonly egress: boolean;
  }[];
  /** Kinds of further policies of which there are some, or that may not be read: `ciliumnetworkpolicies.cilium.io`. */
  readonly others: readonly string[];
  readonly complete: boolean;
}

/** Throws a SystemError. */
export async function listPolicies(client: ClusterClient, signal: AbortSignal): Promise<ClusterPolicies> {
  const [{ items, complete }, others] = await Promise.all([
    client.list(POLICIES, policy, { signal, most: MOST }),
    Promise.all(OTHER_POLICIES.map(async (kind) => ((await isThere(client, kind, signal)) ? [nameOf(kind)] : []))),
  ]);
  return {
    policies: items.map(({ metadata, spec: { podSelector, policyTypes, egress } }) => ({
      ...metadata,
      matchLabels: podSelector?.matchLabels ?? {},
      matchExpressions: (podSelector?.matchExpressions ?? []).map((each) => ({ ...each, values: each.values ?? [] })),
      // Where it does not say, it is about what comes, and where it has rules for that about what leaves too.
      ingress: policyTypes?.includes('Ingress') ?? true,
      egress: policyTypes?.includes('Egress') ?? (egress ?? []).length > 0,
    })),
    others: others.flat(),
    complete,
  };
}

/** Nothing of them is kept. */
const ANYTHING = z.unknown().transform(() => null);

async function isThere(client: ClusterClient, kind: Resource, signal: AbortSignal): Promise<boolean> {
  try {
    return (await client.list(kind, ANYTHING, { signal, most: 1 })).items.length > 0;
  } catch (error) {
    if (error instanceof SystemError && error.why === 'missing') return false;
    // Some may be there that this user may not see.
    if (error instanceof SystemError && error.why === 'denied') return true;
    throw error;
  }
}

function nameOf({ group, name }: Resource): string {
  return `${name}.${group}`;
}
