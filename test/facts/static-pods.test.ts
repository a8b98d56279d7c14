import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import staticPods, { flagsOf, tagOf } from '../../src/facts/static-pods.ts';
import { DEFAULTS } from '../../src/plan/defaults.ts';
import { rootedSystem } from '../../src/system/rooted.ts';
import { SystemError, type System } from '../../src/system/system.ts';
import { recorded, withDirectory, type Files } from '../hosts/directory.ts';

const DIRECTORY = '/etc/kubernetes/manifests';
const read = (files: Files, change: (system: System) => System = (system) => system) =>
  withDirectory(files, (root) =>
    staticPods.read(change(rootedSystem(root)), { plan: DEFAULTS, signal: new AbortController().signal }),
  );
const pod = (command: string, image = 'registry.k8s.io/x:v1.36.2') =>
  `apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: ${image}\n    command: ${command}\n`;

test('a machine without manifests', async () => {
  expect(await read({})).toEqual({ components: [], broken: [] });
});

test('a recorded control plane', async () => {
  const value = await read(recorded('kn1'));
  expect(value.broken).toEqual([]);
  expect(value.components.map(({ name, version }) => [name, version])).toEqual([
    ['etcd', '3.6.8-0'],
    ['kube-apiserver', '1.36.2'],
    ['kube-controller-manager', '1.36.2'],
    ['kube-scheduler', '1.36.2'],
  ]);
  expect(value.components[0]?.flags).toMatchObject({ 'listen-metrics-urls': 'http://127.0.0.1:2381' });
  expect(value.components[1]?.flags).toMatchObject({ 'secure-port': '6443', 'advertise-address': '10.80.0.1' });
  expect(JSON.stringify(value)).not.toContain('pki');
  expect(staticPods.schema().parse(value)).toEqual(value);
});

test('the program is told from its arguments, and other pods are left alone', async () => {
  const value = await read({
    [`${DIRECTORY}/a.yaml`]: pod('[/go-runner, /usr/local/bin/kube-scheduler, --secure-port=10259]'),
    [`${DIRECTORY}/backup.yaml`]: pod('[/backup, /var/lib/etcd]'),
    [`${DIRECTORY}/kube-vip.yml`]: pod('[/kube-vip, manager]'),
    [`${DIRECTORY}/kube-apiserver.yaml.bak`]: pod('[kube-apiserver]'),
  });
  expect(value.components.map(({ name }) => name)).toEqual(['kube-scheduler']);
  expect(value.broken).toEqual([]);
});

test.each([
  ['no YAML', '\0\u0001{{{'],
  ['not a pod', 'kind: ConfigMap\n'],
  ['containers of the wrong type', 'kind: Pod\nspec: {containers: 3}\n'],
  [
    'an alias bomb',
    `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]\n`)
      .join('')}`,
  ],
  ['empty', ''],
])('%s is broken, and does no harm', async (_, text) => {
  const value = await read({ [`${DIRECTORY}/x.yaml`]: text, [`${DIRECTORY}/y.yaml`]: pod('[etcd]') });
  expect(value).toMatchObject({ components: [{ name: 'etcd' }], broken: ['x.yaml'] });
});

test('what may not be read is denied', async () => {
  const denied = (system: System): System => ({
    ...system,
    readTextIfThere: async (path) => {
      throw new SystemError('denied', `${path}: permission denied`, 'EACCES');
    },
  });
  await expect(read({ [`${DIRECTORY}/x.yaml`]: '' }, denied)).rejects.toMatchObject({ why: 'denied' });
});

test.each([
  ['registry.k8s.io/kube-apiserver:v1.36.2', '1.36.2'],
  ['registry:5000/kube-apiserver', null],
  ['registry:5000/kube-apiserver:v1.36.2@sha256:00', '1.36.2'],
  ['etcd:3.6.8-0', '3.6.8-0'],
  ['etcd@sha256:00', null],
])('tag of %s', (image, tag) => expect(tagOf(image)).toBe(tag));

test('flags keep their values, whatever is in them', () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      expect(
        flagsOf(['kube-apiserver', `--etcd-servers=${value}`, '--token-auth-file=/x', '--anonymous-auth']),
      ).toEqual({
        'etcd-servers': value,
        'anonymous-auth': 'true',
      });
    }),
  );
});
