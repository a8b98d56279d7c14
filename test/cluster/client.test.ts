import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer, type Server } from 'node:net';
import * as http from 'node:http';
import * as z from 'zod';
import { afterAll, afterEach, expect, test } from 'vitest';
import { clusterClient, type ClusterClient } from '../../src/cluster/client.ts';
import { accessOf } from '../../src/cluster/connect.ts';
import { listNodes } from '../../src/cluster/nodes.ts';
import { liveSystem } from '../../src/system/live.ts';
import { SystemError, type System } from '../../src/system/system.ts';
import {
  addressOf,
  apiServer,
  authority,
  removeAuthority,
  type ApiServer,
  type ApiServerOptions,
} from './api-server.ts';
import { base64, directory, kubeconfig, removeDirectories } from './kubeconfigs.ts';
import { makeAuthority } from '../authority.ts';

const TOKEN = 'secret-token-of-the-test';
const VERSION = { '/version': { gitVersion: 'v1.36.2' } };
const version = z.object({ gitVersion: z.string() });
const NODES = { group: '', version: 'v1', name: 'nodes' };
const name = z.object({ metadata: z.object({ name: z.string() }) });

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  removeDirectories();
});
afterAll(removeAuthority);

async function serving(options: ApiServerOptions): Promise<ApiServer> {
  const server = await apiServer(options);
  closing.push(() => server.close());
  return server;
}

async function clientOf(file: string, system: System = liveSystem(), timeoutMs = 2_000): Promise<ClusterClient> {
  const client = clusterClient({ system, access: await accessOf(system, file), timeoutMs });
  closing.push(() => client.close());
  return client;
}

function clusterAt(server: Pick<ApiServer, 'url'>) {
  return { server: server.url, 'certificate-authority-data': base64(authority().cert) };
}

const soon = () => AbortSignal.timeout(10_000);

async function failure(work: Promise<unknown>): Promise<SystemError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof SystemError)) throw new Error(`no SystemError: ${String(error)}`);
  expect(error.message).not.toContain(TOKEN);
  return error;
}

test('a token goes to a server that has proved itself', async () => {
  const server = await serving({ paths: VERSION, authorization: () => `Bearer ${TOKEN}` });
  const client = await clientOf(kubeconfig(clusterAt(server), { token: TOKEN }));
  expect(await client.document('/version', version, soon())).toEqual({ gitVersion: 'v1.36.2' });
  expect(server.asked).toEqual([{ path: '/version', authorization: `Bearer ${TOKEN}`, clientName: null }]);
});

test('a client certificate proves who asks, from files beside the kubeconfig too', async () => {
  const server = await serving({ paths: VERSION });
  const pair = authority().issue('admin', 'DNS:admin');
  const where = directory();
  writeFileSync(join(where, 'me.crt'), pair.cert);
  writeFileSync(join(where, 'me.key'), pair.key);
  const users = [
    { 'client-certificate-data': base64(pair.cert), 'client-key-data': base64(pair.key) },
    { 'client-certificate': 'me.crt', 'client-key': 'me.key' },
  ];
  for (const user of users) {
    const client = await clientOf(kubeconfig(clusterAt(server), user, where));
    await client.document('/version', version, soon());
  }
  expect(server.asked.map(({ clientName }) => clientName)).toEqual(['admin', 'admin']);
});

test('a token in a file is read anew for each request, and a password is sent as such', async () => {
  const where = directory();
  let wanted = 'Bearer one';
  const server = await serving({ paths: VERSION, authorization: () => wanted });
  writeFileSync(join(where, 'token'), 'one\n');
  const client = await clientOf(kubeconfig(clusterAt(server), { tokenFile: 'token', token: 'older' }, where));
  await client.document('/version', version, soon());
  writeFileSync(join(where, 'token'), 'two\n');
  wanted = 'Bearer two';
  await client.document('/version', version, soon());
  wanted = `Basic ${base64('me:word')}`;
  const basic = await clientOf(kubeconfig(clusterAt(server), { username: 'me', password: 'word' }));
  await basic.document('/version', version, soon());
  expect(server.asked.map(({ authorization }) => authorization)).toEqual(['Bearer one', 'Bearer two', wanted]);
});

test('no token leaves where the server is not of the authority, is called otherwise, or has expired', async () => {
  const other = makeAuthority('another cluster');
  closing.push(() => rmSync(other.directory, { recursive: true, force: true }));
  const strange = other.issue('kube-apiserver', 'IP:127.0.0.1');
  const misnamed = authority().issue('kube-apiserver', 'DNS:elsewhere.example.org');
  for (const [tls, code] of [
    [{ cert: strange.cert, key: strange.key }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    [{ cert: misnamed.cert, key: misnamed.key }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ] as const) {
    const server = await serving({ paths: VERSION, tls });
    const client = await clientOf(kubeconfig(clusterAt(server), { token: TOKEN }));
    const error = await failure(client.document('/version', version, soon()));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/its certificate is/);
    expect(server.asked).toEqual([]);
  }
});

test('tls-server-name stands for the host, and insecure-skip-tls-verify is believed where it is said', async () => {
  const misnamed = authority().issue('kube-apiserver', 'DNS:elsewhere.example.org');
  const server = await serving({ paths: VERSION, tls: { cert: misnamed.cert, key: misnamed.key } });
  const named = await clientOf(kubeconfig({ ...clusterAt(server), 'tls-server-name': 'elsewhere.example.org' }, {}));
  await named.document('/version', version, soon());
  const unverified = await clientOf(kubeconfig({ server: server.url, 'insecure-skip-tls-verify': true }, {}));
  await unverified.document('/version', version, soon());
  // Without an authority those that Node knows hold, and none of them made this one.
  const plain = await clientOf(kubeconfig({ server: server.url }, {}));
  const error = await failure(plain.document('/version', version, soon()));
  expect(error.code).toMatch(/^(?:UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN)$/);
  expect(error.message).toMatch(/not of the authority/);
});

test.each([
  [401, 'denied', /does not know who asks/],
  [403, 'denied', /apiGroups: \[""\], resources: \["nodes"\], verbs: \["list"\]/],
  [404, 'missing', /has no \/api\/v1\/nodes$/],
  [500, 'error', /answered 500 to \/api\/v1\/nodes$/],
  [302, 'error', /leads elsewhere \(302\)/],
] as const)('an answer %i is told by its code and a sentence', async (status, why, message) => {
  const elsewhere = await serving({ paths: VERSION });
  const server = await serving({
    paths: {},
    odd: (_request, response) => {
      response.writeHead(status, { location: `${elsewhere.url}/version` });
      response.end('{}');
      return true;
    },
  });
  const client = await clientOf(kubeconfig(clusterAt(server), { token: TOKEN }));
  const error = await failure(client.list(NODES, name, { signal: soon(), most: 10 }));
  expect([error.code, error.why]).toEqual([`HTTP_${status}`, why]);
  expect(error.message).toMatch(message);
  // Where it leads nothing follows.
  expect(elsewhere.asked).toEqual([]);
});

test('a list comes in pages, and one whose continuation has expired is begun anew once', async () => {
  const nodes = Array.from({ length: 601 }, (_, index) => ({ metadata: { name: `n${index}` } }));
  let gone = 0;
  const server = await serving({
    paths: { '/api/v1/nodes': nodes },
    odd: ({ url = '' }, response) => {
      if (!url.includes('continue=500') || gone++ > 0) return false;
      response.writeHead(410);
      response.end('{}');
      return true;
    },
  });
  const client = await clientOf(kubeconfig(clusterAt(server), {}));
  const all = await client.list(NODES, name, { signal: soon(), most: 10_000 });
  expect(all.items.map(({ metadata }) => metadata.name)).toEqual(nodes.map(({ metadata }) => metadata.name));
  expect([all.complete, server.asked.length]).toEqual([true, 13]);
  const some = await client.list(NODES, name, { signal: soon(), most: 250 });
  expect([some.items.length, some.complete]).toEqual([300, false]);
});

test('a page of pods that is too heavy once parsed is asked for again with fewer, and those that follow are as small', async () => {
  const env = Array.from({ length: 200 }, (_, index) => ({
    name: `VARIABLE_${index}`,
    valueFrom: { secretKeyRef: { name: 'settings', key: `variable-${index}` } },
  }));
  const owned = { '.': {}, 'f:name': {}, 'f:valueFrom': { '.': {}, 'f:secretKeyRef': {} } };
  const managed = Object.fromEntries(env.map(({ name: key }) => [`k:{"name":"${key}"}`, owned]));
  const pods = Array.from({ length: 120 }, (_, index) => ({
    metadata: { name: `p${index}`, managedFields: [{ manager: 'kubectl', fieldsV1: managed }] },
    spec: { containers: [{ name: 'app', env }] },
  }));
  const server = await serving({ paths: { '/api/v1/pods': pods } });
  const client = await clientOf(kubeconfig(clusterAt(server), {}));
  const resource = { group: '', version: 'v1', name: 'pods' };
  const { items, complete } = await client.list(resource, name, { signal: soon(), most: 10_000 });
  expect(items.map(({ metadata }) => metadata.name)).toEqual(pods.map(({ metadata }) => metadata.name));
  const limits = server.asked.map(({ path }) => new URL(path, server.url).searchParams.get('limit'));
  expect([complete, limits]).toEqual([true, ['100', '25', '25', '25', '25', '25']]);
});

test('an object that is too heavy by itself is too much', async () => {
  const heavy = { metadata: { name: 'n', labels: Array.from({ length: 250_000 }, () => ({})) } };
  const server = await serving({ paths: { '/api/v1/nodes': [heavy] } });
  const client = await clientOf(kubeconfig(clusterAt(server), {}));
  expect((await failure(client.list(NODES, name, { signal: soon(), most: 10 }))).code).toBe('EFBIG');
  const limits = server.asked.map(({ path }) => new URL(path, server.url).searchParams.get('limit'));
  expect(limits).toEqual(['100', '25', '6', '1']);
});

test('a server that gives pages without end, or a continuation for ever, is left', async () => {
  const server = await serving({
    paths: {},
    odd: (_request, response) => {
      response.end(JSON.stringify({ metadata: { continue: 'more' }, items: [] }));
      return true;
    },
  });
  const client = await clientOf(kubeconfig(clusterAt(server), {}));
  expect(await client.list(NODES, name, { signal: soon(), most: 10 })).toEqual({ items: [], complete: false });
  expect(server.asked.length).toBe(1);
});

test('pages without end have room for so much and no more, and what was begun anew counts once', async () => {
  let expired = true;
  const server = await serving({
    paths: {},
    odd: ({ url = '' }, response) => {
      const gone = expired && url.includes('continue=');
      if (gone) expired = false;
      response.writeHead(gone ? 410 : 200);
      response.end(
        JSON.stringify({ metadata: { continue: 'more' }, items: [{ metadata: { name: 'x'.repeat(8e6) } }] }),
      );
      return true;
    },
  });
  const client = await clientOf(kubeconfig(clusterAt(server), {}));
  const error = await failure(client.list(NODES, name, { signal: soon(), most: 10_000 }));
  expect([error.code, server.asked.length]).toEqual(['EFBIG', 2 + Math.ceil((64 * 2 ** 20) / 8e6)]);
  expect(error.message).toBe(
    `${server.url} gave more to /api/v1/nodes than an API server would, and it was not read to its end`,
  );
});

test.each([
  ['no JSON', '<html>', 'not-an-api-server'],
  ['another shape', '{"items":[{"metadata":{}}]}', 'not-an-api-server'],
  ['more than it may', `{"items":["${'x'.repeat(17_000_000)}"]}`, 'EFBIG'],
  ['short, and much once it is parsed', `{"items":[${'{},'.repeat(250_000)}{}]}`, 'EFBIG'],
])('an answer that is %s is none', async (_what, body, code) => {
  const server = await serving({
    paths: {},
    odd: (_request, response) => {
      response.end(body);
      return true;
    },
  });
  const client = await clientOf(kubeconfig(clusterAt(server), {}));
  expect((await failure(listNodes(client, soon()))).code).toBe(code);
});

test('an answer that never ends, and one that is broken off, end it in time', async () => {
  const slow = await serving({
    paths: {},
    odd: (_request, response) => {
      response.write('{');
      return true;
    },
  });
  const client = await clientOf(kubeconfig(clusterAt(slow), {}), liveSystem(), 300);
  expect((await failure(client.document('/version', version, soon()))).code).toBe('ETIMEDOUT');
  const broken = await serving({
    paths: {},
    odd: (_request, response) => {
      response.write('{', () => response.destroy());
      return true;
    },
  });
  const second = await clientOf(kubeconfig(clusterAt(broken), {}));
  expect((await failure(second.document('/version', version, soon()))).code).toBe('ECONNRESET');
});

test('nobody there, a name that nobody knows, and a server without TLS each say so', async () => {
  const plain = createServer((socket) =>
    socket
      .on('error', () => undefined)
      .resume()
      .end('SSH-2.0-OpenSSH_9\r\n'),
  );
  await listening(plain);
  const free = createServer();
  await listening(free);
  const { port } = addressOf(free);
  await new Promise((done) => free.close(done));
  for (const [url, message] of [
    [`https://127.0.0.1:${port}`, /it refuses connections/],
    ['https://no-such-host.invalid:6443', /its name (?:is not known|could not be looked up)/],
    [`https://127.0.0.1:${addressOf(plain).port}`, /it does not speak TLS/],
  ] as const) {
    const client = await clientOf(kubeconfig({ server: url }, { token: TOKEN }));
    expect((await failure(client.document('/version', version, soon()))).message).toMatch(message);
  }
});

async function listening(server: Server): Promise<void> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing.push(() => new Promise((done) => server.close(done)));
}

test('without TLS nothing secret is sent', async () => {
  const seen: (string | undefined)[] = [];
  const server = http.createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.end('{"gitVersion":"v1.30.0"}');
  });
  await listening(server);
  const url = `http://127.0.0.1:${addressOf(server).port}`;
  const client = await clientOf(kubeconfig({ server: url }, { token: TOKEN }));
  await client.document('/version', version, soon());
  expect(seen).toEqual([undefined]);
});

test('in a cluster the service account asks, with the token as it is then', async () => {
  let token = 'first';
  const server = await serving({ paths: VERSION, authorization: () => `Bearer ${token}` });
  const live = liveSystem();
  const system: System = {
    ...live,
    environment: {
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: String(server.port),
      HTTPS_PROXY: 'http://127.0.0.1:1',
    },
    readText: async (path) =>
      path === '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt'
        ? authority().cert
        : path === '/var/run/secrets/kubernetes.io/serviceaccount/token'
          ? `${token}\n`
          : live.readText(path),
  };
  const client = await clientOf('in-cluster', system);
  await client.document('/version', version, soon());
  token = 'second';
  await client.document('/version', version, soon());
  expect((await failure(accessOf({ ...live, environment: {} }, 'in-cluster'))).message).toMatch(/this is no pod/);
});
