import type { Facts } from '../../evidence/facts.ts';
import type { Reading } from '../../evidence/reading.ts';

type Policies = NonNullable<Facts['clusterPolicies']>;
type Policy = Policies['policies'][number];
type Pod = NonNullable<Facts['clusterPods']>['pods'][number];

/** Which policies could refuse packets from one pod to another, as a clause; null where none can: rules themselves are not worked out. */
export function policiesInTheWay(
  reading: Reading<Facts['clusterPolicies']>,
  /** Null where the API's list does not tell which one it is. */
  from: Pod | null,
  to: Pod,
): string | null {
  if (!('value' in reading))
    return `policies may be in the way, and could not be read: ${reading.detail.replace(/\.$/, '')}`;
  if (reading.value === null) return 'policies may be in the way, and were not read';
  const { policies, others, complete } = reading.value;
  if (!complete) return 'there are more policies than are read';
  if (others.length > 0) return `there are ${others.join(', ')}, of which one may refuse it`;
  const ingress = policies.find((policy) => policy.ingress && selects(policy, to));
  if (ingress !== undefined)
    return `NetworkPolicy ${ingress.namespace}/${ingress.name} selects ${to.namespace}/${to.name}`;
  const egress = policies.find((policy) => policy.egress && (from === null || selects(policy, from)));
  if (egress === undefined) return null;
  return `NetworkPolicy ${egress.namespace}/${egress.name} ${from === null ? 'may select' : 'selects'} the pod that sends`;
}

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors */
function selects({ namespace, matchLabels, matchExpressions }: Policy, pod: Pod): boolean {
  if (namespace !== pod.namespace) return false;
  return (
    Object.entries(matchLabels).every(([key, value]) => pod.labels[key] === value) &&
    matchExpressions.every(({ key, operator, values }) => {
      const value = pod.labels[key];
      if (operator === 'In') return value !== undefined && values.includes(value);
      if (operator === 'NotIn') return value === undefined || !values.includes(value);
      if (operator === 'Exists') return value !== undefined;
      // Of an operator that is not known it may be that it selects.
      return operator !== 'DoesNotExist' || value === undefined;
    })
  );
}
