import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { stringify } from 'yaml';
import { afterEach, expect, test } from 'vitest';
import { accessOf } from '../../src/cluster/connect.ts';
import { liveSystem } from '../../src/system/live.ts';
import { SystemError, type System } from '../../src/system/system.ts';
import { directory, kubeconfig, removeDirectories } from './kubeconfigs.ts';

afterEach(removeDirectories);

const CLUSTER = { server: 'https://10.0.0.1:6443' };

function written(text: string): string {
  const file = join(directory(), 'kubeconfig');
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

function withEnvironment(environment: System['environment']): System {
  return { ...liveSystem(), environment };
}

async function complaint(file: string): Promise<string> {
  try {
    await accessOf(withEnvironment({}), file);
  } catch (error) {
    if (error instanceof SystemError) return error.message;
    throw error;
  }
  return 'nothing';
}

test.each([
  ['', /it is no kubeconfig/],
  ['a: [', /it is no kubeconfig/],
  ['kind: Pod\napiVersion: v1\n', /it is no kubeconfig \(see kind\)/],
  ['kind: Config\nclusters: 5\n', /it is no kubeconfig \(see clusters\)/],
  ['kind: Config\n', /no current-context/],
  ['kind: Config\ncurrent-context: x\n', /a context that it does not have/],
  [
    'kind: Config\ncurrent-context: x\ncontexts: [{name: x, context: {cluster: c}}]\n',
    /a cluster that it does not have/,
  ],
] as const)('%j is told in a sentence', async (text, message) => {
  expect(await complaint(written(text))).toMatch(message);
});

test.each([
  [{ server: 'ftp://x' }, {}, /no URL as https/],
  [{ server: 'https://me:word@x' }, {}, /no URL as https/],
  [{ ...CLUSTER, 'certificate-authority-data': 'bm9uZQ==' }, {}, /no certificate in PEM form/],
  [{ ...CLUSTER, 'certificate-authority': 'no-such.crt' }, {}, /no-such\.crt: no such file/],
  [{ ...CLUSTER, 'certificate-authority-data': 'bm9uZQ==', 'insecure-skip-tls-verify': true }, {}, /one can hold/],
  [{ ...CLUSTER, 'proxy-url': 'socks5://10.0.0.9:1080' }, {}, /kind socks5; http and https/],
  [CLUSTER, { 'client-certificate-data': 'bm9uZQ==' }, /a client certificate or a key/],
  [CLUSTER, { 'client-certificate-data': 'bm9uZQ==', 'client-key-data': 'bm9uZQ==' }, /its client certificate is none/],
  [CLUSTER, { 'auth-provider': { name: 'gcp' } }, /an auth-provider/],
  [CLUSTER, { token: 'a', as: 'carol' }, /acts as another one/],
  [CLUSTER, { token: 'a\nb' }, /characters that no token has/],
  [
    CLUSTER,
    { token: 'a', exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'x' } },
    /one of them is allowed/,
  ],
] as const)('%j with %j is told in a sentence', async (cluster, user, message) => {
  expect(await complaint(kubeconfig(cluster, user))).toMatch(message);
});

test('a file that is not there, and one that is longer than any kubeconfig', async () => {
  expect(await complaint('/no/such/kubeconfig')).toBe('/no/such/kubeconfig: no such file');
  expect(await complaint(written(`kind: Config\n# ${'x'.repeat(1024 * 1024)}`))).toMatch(/longer than 1048576 bytes/);
});

test('what kubeadm writes is read, a server without a scheme too', async () => {
  const text = stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'kubernetes', cluster: { server: 'api.example.org:6443' } }],
    contexts: [{ name: 'kubernetes-admin@kubernetes', context: { cluster: 'kubernetes', user: 'kubernetes-admin' } }],
    'current-context': 'kubernetes-admin@kubernetes',
    preferences: {},
    users: [{ name: 'kubernetes-admin', user: null }],
  });
  const { server, proxy, trust } = await accessOf(withEnvironment({}), written(text));
  expect([server.href, proxy, trust]).toEqual([
    'https://api.example.org:6443/',
    null,
    { ca: null, verify: true, servername: null },
  ]);
});

test.each([
  [{ HTTPS_PROXY: 'http://10.0.0.9:3128' }, {}, 'http://10.0.0.9:3128/'],
  [{ https_proxy: '10.0.0.9:3128' }, {}, 'http://10.0.0.9:3128/'],
  [{ HTTPS_PROXY: 'http://10.0.0.9:3128', NO_PROXY: '10.0.0.0/8' }, {}, undefined],
  // The kubeconfig's own counts more, and NO_PROXY is about that of the environment.
  [{ HTTPS_PROXY: 'http://10.0.0.9:3128', NO_PROXY: '*' }, { 'proxy-url': 'https://10.0.0.8' }, 'https://10.0.0.8/'],
] as const)('with %j and %j the proxy is %s', async (environment, cluster, expected) => {
  const { proxy } = await accessOf(withEnvironment(environment), kubeconfig({ ...CLUSTER, ...cluster }, {}));
  expect(proxy?.href).toBe(expected);
});

test('whatever stands in the file, it is access or a sentence without its secrets', async () => {
  const secret = 'never-to-be-seen';
  const word = fc.constantFrom<unknown>(
    'c',
    'x',
    '',
    null,
    5,
    [],
    {},
    'https://h',
    'http://[',
    'a\u0000b',
    true,
    secret,
  );
  const record = (names: readonly string[]) =>
    fc.record(Object.fromEntries(names.map((each) => [each, word])), { requiredKeys: [] });
  const user = record([
    'token',
    'tokenFile',
    'username',
    'password',
    'client-key-data',
    'client-certificate-data',
    'exec',
  ]);
  const cluster = record([
    'server',
    'certificate-authority-data',
    'insecure-skip-tls-verify',
    'tls-server-name',
    'proxy-url',
  ]);
  await fc.assert(
    fc.asyncProperty(cluster, user, fc.string(), async (clusterFields, userFields, junk) => {
      for (const file of [kubeconfig({ server: 'https://h', ...clusterFields }, userFields), written(junk)])
        expect(await complaint(file)).not.toContain(secret);
      removeDirectories();
    }),
    { numRuns: 150 },
  );
});
