import { expect } from 'vitest';
import * as z from 'zod';
import { complaints } from '../lab/lab.ts';
import { built, composed, type Manifest } from '../lab/manifests.ts';
import type { Report } from '../../src/report/schema.ts';
import { askedBy } from './asked.ts';
import { clusterTest } from './cluster-test.ts';
import { requestsOf } from './audit.ts';
import { until } from './node.ts';
import { serviceAccount } from './service-account.ts';
import { makeThreeNodes } from './three-nodes.ts';

const apiTest = clusterTest(makeThreeNodes);
/** What kubectl would apply of deploy/kustomize here, with these components. */
const listOf = (...components: readonly string[]) => listed(composed('before-1.30', ...components));
const listed = (items: readonly Manifest[]) => JSON.stringify({ apiVersion: 'v1', kind: 'List', items });

const findingsOf = ({ checks }: Report) => checks.flatMap(({ findings }) => findings);

/** Reasons by check and subject, of what the API is asked for. */
const told = (report: Report) =>
  Object.fromEntries(
    findingsOf(report)
      .filter(({ check }) => check.startsWith('cluster/'))
      .map(({ check, subject, reason }) => [`${check} ${subject}`, reason]),
  );

/** What is said of a node that the API tells the truth about. */
const TRUE = {
  'cluster/node-status ready': 'ready',
  'cluster/node-status address': 'address-here',
  'cluster/node-status kubelet': 'kubelet-fits',
  'cluster/node-status pod network': 'pods-here',
};

apiTest('what the API tells of every node is what the node shows', async ({ setting: { controlPlane, nodes } }) => {
  const admin = await controlPlane.host.sh('cat /etc/kubernetes/admin.conf');
  for (const { host } of nodes) {
    const report = await askedBy(host, admin, '--pods', 'existing');
    expect(complaints(findingsOf(report))).toEqual([]);
    expect(told(report)).toMatchObject(TRUE);
    expect(report.plan['kubernetesVersion']).toEqual({ value: '1.20', origin: 'cluster' });
    const across = findingsOf(report).filter(({ check }) => check === 'pods/cross-node');
    // A pod of each other node takes the connection; nothing runs there for it.
    const others = nodes.filter((node) => node.host.name !== host.name);
    expect(across.map(({ subject, reason }) => [subject, reason])).toEqual(
      others.map((node) => [`pod → pods of ${node.host.name}`, 'open']),
    );
  }
});

apiTest(
  'a user without rights: unknown, with the rule that is missing',
  async ({ setting: { controlPlane, nodes } }) => {
    const report = await askedBy(nodes[1].host, await serviceAccount(controlPlane, 'nobody', 'default'));
    const unknown = complaints(findingsOf(report));
    expect(unknown.map(({ check, reason }) => [check, reason])).toEqual([
      ['cluster/node-status', 'fact-denied'],
      ['cluster/pod-cidrs', 'fact-denied'],
    ]);
    for (const { message } of unknown)
      expect(message).toContain('apiGroups: [""], resources: ["nodes"], verbs: ["list"]');
  },
);

/** Its service account, as the API server knows it. */
const SEAWORTHY = 'system:serviceaccount:seaworthy:seaworthy';

apiTest('deploy/kustomize: accepted; its rights are what is asked for, and no more', async ({ setting }) => {
  const { controlPlane, nodes } = setting;
  const { kubectl, apply } = controlPlane;
  await kubectl('create namespace seaworthy');
  await apply(listOf(), '--dry-run=server');
  await apply(listOf());
  const report = await askedBy(nodes[1].host, await serviceAccount(controlPlane, 'seaworthy', 'seaworthy'));
  expect(complaints(findingsOf(report))).toEqual([]);
  expect(told(report)).toMatchObject(TRUE);
  const asked = (await requestsOf(controlPlane, SEAWORTHY)).flatMap(({ verb, objectRef }) =>
    objectRef === undefined ? [] : [[verb, objectRef.namespace, objectRef.resource, objectRef.name].join(' ')],
  );
  expect(new Set(asked)).toEqual(new Set(allowed()));
  // A pod of it is made on every node: nothing of its template is refused.
  await until(async () =>
    expect(await kubectl('-n seaworthy get pods -o name')).toMatch(/(?:pod\/seaworthy-\w+\s*){3}/),
  );
});

const role = z.object({
  kind: z.enum(['Role', 'ClusterRole']),
  metadata: z.object({ namespace: z.string().optional() }),
  rules: z.array(
    z.object({
      resources: z.array(z.string()),
      verbs: z.array(z.string()),
      resourceNames: z.array(z.string()).optional(),
    }),
  ),
});

/** What the roles of deploy/kustomize allow, one request a line. */
function allowed(): string[] {
  const roles = built('base').filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole');
  return roles.flatMap((each) => {
    const { metadata, rules } = role.parse(each);
    return rules.flatMap(({ resources, verbs, resourceNames = [undefined] }) =>
      verbs.flatMap((verb) =>
        resources.flatMap((resource) =>
          resourceNames.map((name) => [verb, metadata.namespace, resource, name].join(' ')),
        ),
      ),
    );
  });
}

apiTest('a cluster before 1.30 refuses the base, and says which field', async ({ setting: { controlPlane } }) => {
  await expect(controlPlane.apply(listed(built('base')), '--dry-run=server')).rejects.toThrow('appArmorProfile');
});

apiTest('deploy/kustomize with pods: accepted', async ({ setting: { controlPlane } }) => {
  await controlPlane.apply(listOf('pods'), '--dry-run=server');
});

apiTest(
  'deploy/kustomize with pods and monitoring: accepted where the kinds of the Prometheus operator are',
  async ({ setting: { controlPlane } }) => {
    await controlPlane.apply(['PodMonitor', 'PrometheusRule'].map(definition).join(''));
    await controlPlane.kubectl('wait --for condition=Established crd --all --timeout 30s');
    await controlPlane.apply(listOf('pods', 'monitoring'), '--dry-run=server');
  },
);

/** By the name alone: what may stand in them only the operator knows. */
const definition = (name: string) => `---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: ${name.toLowerCase()}s.monitoring.coreos.com }
spec:
  group: monitoring.coreos.com
  scope: Namespaced
  names: { kind: ${name}, plural: ${name.toLowerCase()}s }
  versions:
  - name: v1
    served: true
    storage: true
    schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
`;
