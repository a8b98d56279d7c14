import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import manifest from '../../package.json' with { type: 'json' };
import { OTHER_POLICIES, POLICIES } from '../../src/cluster/policies.ts';
import prometheus from '../../src/report/formats/prometheus.ts';
import { metricsBeside } from '../../src/serve/metrics.ts';
import { sixNodes } from '../report/cluster.ts';
import { runsOf } from '../serve/given.ts';
import { needLab } from './lab.ts';
import { built, composed, flattened, knowsComponents, podOf, templateOf, type Manifest } from './manifests.ts';

const DEPLOY = join(import.meta.dirname, '../../deploy');
const PROMETHEUS = join(DEPLOY, 'prometheus');

const groups = z.object({
  groups: z.array(z.looseObject({ rules: z.array(z.looseObject({ alert: z.string(), expr: z.string() })) })),
});
const { groups: alerts } = groups.parse(parse(readFileSync(join(PROMETHEUS, 'alerts.yaml'), 'utf8')));
const rules = alerts.flatMap((group) => group.rules);

test('kustomize makes the manifests; the version of the image is in one place', ({ skip }) => {
  needLab(skip);
  const base = built('base').map(({ kind, metadata: { name, namespace = '' } }) => `${kind} ${namespace}/${name}`);
  expect(base.sort()).toEqual([
    'ClusterRole /seaworthy',
    'ClusterRoleBinding /seaworthy',
    'DaemonSet seaworthy/seaworthy',
    'Namespace /seaworthy',
    'Role default/seaworthy',
    'Role kube-system/seaworthy',
    'RoleBinding default/seaworthy',
    'RoleBinding kube-system/seaworthy',
    'ServiceAccount seaworthy/seaworthy',
  ]);
  expect(podOf('base').containers[0].image).toBe(`seaworthy:${manifest.version}`);
});

const nameOf = ({ kind, metadata: { name } }: Manifest) => `${kind} ${name}`;

test('monitoring: what the operator and Grafana look for, in the namespace of the rest', ({ skip }) => {
  needLab(skip);
  const base = built('base').map(nameOf);
  const more = built('overlays/monitoring').filter((each) => !base.includes(nameOf(each)));
  expect(more.map(nameOf).sort()).toEqual([
    'ConfigMap seaworthy-dashboard',
    'PodMonitor seaworthy',
    'PrometheusRule seaworthy',
  ]);
  for (const { metadata } of more) expect(metadata.namespace).toBe('seaworthy');
  expect(more.find(({ kind }) => kind === 'ConfigMap')).toMatchObject({
    metadata: { labels: { grafana_dashboard: '1' } },
    data: { 'seaworthy.json': readFileSync(join(DEPLOY, 'grafana/seaworthy.json'), 'utf8') },
  });
});

test('pods and monitoring at once are both', ({ skip }) => {
  needLab(skip);
  const both = built('overlays/pods-and-monitoring');
  const one = [...built('overlays/pods'), ...built('overlays/monitoring').filter(({ kind }) => kind !== 'DaemonSet')];
  const each = (manifests: readonly Manifest[]) => new Set(manifests.map((manifest) => JSON.stringify(manifest)));
  expect(each(both)).toEqual(each(one));
});

const ANNOTATION = 'container.apparmor.security.beta.kubernetes.io/seaworthy';

test('AppArmor is told by the field, and before Kubernetes 1.30, which has none, by the annotation', ({ skip }) => {
  needLab(skip);
  const told = (...components: readonly string[]) => {
    const { metadata, spec } = templateOf(composed(...components));
    const [{ securityContext }] = spec.containers;
    return { annotation: metadata.annotations?.[ANNOTATION], field: securityContext.appArmorProfile?.type };
  };
  for (const components of [[], ['pods'], ['pods', 'monitoring']]) {
    expect(told(...components)).toEqual({ annotation: undefined, field: 'Unconfined' });
    expect(told(...components, 'before-1.30')).toEqual({ annotation: 'unconfined', field: undefined });
  }
});

test('what a kubectl is told that knows of no components comes to the same', ({ skip }) => {
  needLab(skip);
  if (!knowsComponents()) skip('this kubectl knows of none');
  for (const components of [[], ['pods'], ['monitoring', 'before-1.30'], ['pods', 'monitoring', 'before-1.30']]) {
    const byName = (manifests: readonly Manifest[]) =>
      Object.fromEntries(manifests.map((each) => [`${nameOf(each)} ${each.metadata.namespace}`, each]));
    expect(byName(flattened(...components))).toEqual(byName(composed(...components)));
  }
});

test('the overlay for pods: the same pod with other programs, the consent of its node, and two more rights', ({
  skip,
}) => {
  needLab(skip);
  const [{ image, args, env, securityContext }] = podOf('overlays/pods').containers;
  const [plain] = podOf('base').containers;
  expect(image).toBe(`seaworthy-pods:${manifest.version}`);
  expect(args).toEqual(plain.args);
  expect(env.filter(({ name }) => name !== 'NODE_NAME')).toEqual([{ name: 'SEAWORTHY_PODS', value: 'existing' }]);
  const added = securityContext.capabilities.add;
  expect(added).toEqual([...plain.securityContext.capabilities.add, 'SYS_ADMIN', 'NET_ADMIN']);
});

function allowed(directory: string): string[] {
  const given = built(directory).flatMap((each) =>
    each.kind.endsWith('Role')
      ? z.object({ rules: z.array(z.record(z.string(), z.array(z.string()))) }).parse(each).rules
      : [],
  );
  return given.flatMap(({ apiGroups = [], resources = [], verbs = [], resourceNames = [] }) =>
    resources.map((resource) =>
      [...verbs, [resource, ...apiGroups.filter(Boolean)].join('.'), ...resourceNames].join(' '),
    ),
  );
}

const LEAST = [
  'get configmaps kubeadm-config',
  'get services kubernetes',
  'list nodes',
  'list servicecidrs.networking.k8s.io',
];

test('the service account may read what serve reads, and nothing else', ({ skip }) => {
  needLab(skip);
  expect(allowed('base').sort()).toEqual(LEAST);
  const policies = [POLICIES, ...OTHER_POLICIES].map(({ group, name }) => `list ${name}.${group}`);
  expect(allowed('overlays/pods').sort()).toEqual([...LEAST, 'list pods', ...policies].sort());
});

test('promtool takes the alert rules, and each fires when it should and is silent otherwise', ({ skip }) => {
  needLab(skip);
  const promtool = (...args: string[]) => execFileSync('promtool', args, { cwd: PROMETHEUS, stdio: 'pipe' }).toString();
  expect(promtool('check', 'rules', 'alerts.yaml')).toContain(`SUCCESS: ${rules.length} rules found`);
  expect(promtool('test', 'rules', 'alerts.test.yaml')).toContain('SUCCESS');
  const tried = readFileSync(join(PROMETHEUS, 'alerts.test.yaml'), 'utf8');
  for (const { alert } of rules) {
    expect(tried, alert).toContain(`alertname: ${alert}, exp_alerts: []`);
    expect(tried, alert).toContain(`alertname: ${alert}\n        exp_alerts:\n          - exp_labels`);
  }
});

test('the rules of the operator are the same', ({ skip }) => {
  needLab(skip);
  const rule = built('overlays/monitoring').find(({ kind }) => kind === 'PrometheusRule');
  expect(z.object({ spec: groups }).parse(rule).spec.groups).toEqual(alerts);
});

test('each rule is about metrics that there are', () => {
  const part = { nodes: 3, neighbours: 2, age: 1, unread: null, checkedBy: [{ node: 'w1', age: 1 }] };
  const rendering = { color: false, ascii: false, width: 100, quiet: false, verbose: false };
  const text = prometheus.render(sixNodes(), rendering) + metricsBeside(runsOf(), part, 1_000);
  const there = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  for (const { alert, expr } of rules)
    for (const [name] of expr.matchAll(/seaworthy_\w+/g)) expect(there, alert).toContain(name);
});
