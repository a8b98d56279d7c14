import { rmSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import * as net from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import check from '../../checks/control-plane/join-command.ts';
import clusterInfo from '../../src/facts/cluster-info.ts';
import controlPlaneEndpoint from '../../src/facts/control-plane-endpoint.ts';
import { DEFAULTS } from '../../src/plan/defaults.ts';
import { parseJoin } from '../../src/plan/join.ts';
import type { Settings } from '../../src/plan/settings.ts';
import { liveSystem } from '../../src/system/live.ts';
import { rootedSystem } from '../../src/system/rooted.ts';
import { makeAuthority, type Authority, type KeyPair } from '../authority.ts';
import { configMap as configMapOf, pinOf } from '../cluster-info.ts';

const ID = 'abcdef';
const SECRET = '0123456789abcdef';
const NAMES = 'DNS:localhost,IP:127.0.0.1';

let kubernetes: Authority;
let stranger: Authority;
let serving: KeyPair;
const open: net.Server[] = [];
const sockets = new Set<net.Socket>();

beforeAll(() => {
  kubernetes = makeAuthority('kubernetes');
  stranger = makeAuthority('stranger');
  serving = kubernetes.issue('kube-apiserver', NAMES);
});
afterEach(() => {
  for (const server of open.splice(0)) server.close();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
});
afterAll(() => {
  for (const { directory } of [kubernetes, stranger]) rmSync(directory, { recursive: true });
});

async function listen(server: net.Server): Promise<string> {
  open.push(server);
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `127.0.0.1:${address.port}`;
}

/** Where it is asked is the server that it names, unless another one is said. */
const configMap =
  (ca: string, tokens: Record<string, string>, server?: string) =>
  (host: string): string =>
    configMapOf(ca, tokens, server ?? `https://${host}`);

const asked: http.IncomingMessage[] = [];
function apiServer(body: string | ((host: string) => string), pair: KeyPair = serving, status = 200): https.Server {
  return https.createServer({ cert: pair.cert, key: pair.key }, (request, response) => {
    asked.push(request);
    const found = request.url === '/api/v1/namespaces/kube-public/configmaps/cluster-info';
    response
      .writeHead(found ? status : 404, { 'content-type': 'application/json', location: '/elsewhere' })
      .end(typeof body === 'string' ? body : body(request.headers.host ?? ''));
  });
}

function settings(
  endpoint: string,
  changes: string[] = [`--discovery-token-ca-cert-hash ${pinOf(kubernetes)}`],
  token = `${ID}.${SECRET}`,
): Settings {
  const { join, implied } = parseJoin(`kubeadm join ${endpoint} --token ${token} ${changes.join(' ')}`);
  return { ...DEFAULTS, ...implied, join, timeout: 3000 };
}

async function see(plan: Settings) {
  const value = await clusterInfo.read(liveSystem(), { plan, signal: AbortSignal.timeout(5000) });
  expect(clusterInfo.schema().parse(value)).toEqual(value);
  expect(JSON.stringify(value)).not.toContain(SECRET);
  const node = {
    name: 'w1',
    self: true,
    roles: ['worker' as const],
    stage: 'fresh' as const,
    kubernetesVersion: '1.36',
    versionFrom: 'default' as const,
    addresses: [],
  };
  return {
    value,
    reasons: check.judge?.({ clusterInfo: value }, { node, plan }).map(({ reason }) => reason),
  };
}

test('a good line; no token leaves the machine', async () => {
  asked.length = 0;
  const endpoint = await listen(apiServer(configMap(kubernetes.cert, { [ID]: SECRET, other0: 'x'.repeat(16) })));
  const { value, reasons } = await see(settings(endpoint));
  expect(value).toMatchObject({
    status: 200,
    server: `https://${endpoint}`,
    advertised: null,
    pinMatches: true,
    serverChainsToCa: 'yes',
    tokenSignature: 'valid',
  });
  expect(reasons).toEqual(['pin-matches', 'server-verified', 'token-signed']);
  expect(asked).toHaveLength(2);
  for (const { headers, rawHeaders } of asked) {
    expect(headers.authorization).toBeUndefined();
    expect(rawHeaders.join()).not.toContain(ID);
  }
});

test('a CA bundle of two, the pinned one second', async () => {
  const endpoint = await listen(apiServer(configMap(stranger.cert + kubernetes.cert, { [ID]: SECRET })));
  expect((await see(settings(endpoint))).reasons).toEqual(['pin-matches', 'server-verified', 'token-signed']);
});

test('the pin of another CA', async () => {
  const endpoint = await listen(apiServer(configMap(kubernetes.cert, { [ID]: SECRET })));
  const { value, reasons } = await see(settings(endpoint, [`--discovery-token-ca-cert-hash ${pinOf(stranger)}`]));
  expect(value).toMatchObject({ pinMatches: false, serverChainsToCa: null });
  expect(reasons).toEqual(['pin-mismatch']);
});

test('a server of another CA than it publishes', async () => {
  const endpoint = await listen(
    apiServer(configMap(kubernetes.cert, { [ID]: SECRET }), stranger.issue('proxy', NAMES)),
  );
  expect((await see(settings(endpoint))).reasons).toEqual(['pin-matches', 'server-mismatch', 'token-signed']);
});

test('a server that signed its own certificate', async () => {
  const endpoint = await listen(apiServer(configMap(kubernetes.cert, { [ID]: SECRET }), stranger));
  expect((await see(settings(endpoint))).reasons).toEqual(['pin-matches', 'server-mismatch', 'token-signed']);
});

test('a certificate of that CA for another name', async () => {
  const endpoint = await listen(
    apiServer(configMap(kubernetes.cert, { [ID]: SECRET }), kubernetes.issue('kube-apiserver', 'DNS:elsewhere')),
  );
  expect((await see(settings(endpoint))).reasons).toEqual(['pin-matches', 'name-mismatch', 'token-signed']);
});

test('an expired token, a wrong secret, a signature under another header', async () => {
  const body = (tokens: Record<string, string>) => configMap(kubernetes.cert, tokens);
  expect((await see(settings(await listen(apiServer(body({ other0: SECRET })))))).value?.tokenSignature).toBe('absent');
  expect((await see(settings(await listen(apiServer(body({ [ID]: 'f'.repeat(16) })))))).value?.tokenSignature).toBe(
    'invalid',
  );
  const swapped = (host: string) =>
    body({ other0: SECRET })(host).replace('jws-kubeconfig-other0', `jws-kubeconfig-${ID}`);
  const { value, reasons } = await see(settings(await listen(apiServer(swapped))));
  expect(value?.tokenSignature).toBe('invalid');
  expect(reasons?.at(-1)).toBe('token-rejected');
});

test('no pin', async () => {
  const endpoint = await listen(apiServer(configMap(kubernetes.cert, { [ID]: SECRET })));
  expect((await see(settings(endpoint, []))).reasons?.[0]).toBe('pin-missing');
  expect((await see(settings(endpoint, ['--discovery-token-unsafe-skip-ca-verification']))).reasons?.[0]).toBe(
    'unpinned',
  );
});

test('a token that was withheld', async () => {
  const endpoint = await listen(apiServer(configMap(kubernetes.cert, { [ID]: SECRET })));
  expect((await see(settings(endpoint, undefined, 'withheld'))).reasons).toEqual([
    'pin-matches',
    'server-verified',
    'token-withheld',
  ]);
});

/** What is said of the server that cluster-info names, when that is another one than the endpoint. */
async function advertised(server: string, changes?: string[], tokens: Record<string, string> = { [ID]: SECRET }) {
  const endpoint = await listen(apiServer(configMap(kubernetes.cert, tokens, server)));
  const { value, reasons } = await see(settings(endpoint, changes));
  expect(reasons?.slice(0, 2)).toEqual([changes === undefined ? 'pin-matches' : 'pin-missing', 'server-verified']);
  return { seen: value?.advertised, reason: reasons?.slice(2, -1) };
}

test('cluster-info sends nodes to another server', async () => {
  const good = await listen(apiServer('{}'));
  expect(await advertised(`https://${good}`)).toEqual({
    seen: { resolve: 'resolved', connect: 'connected', request: 'answered' },
    reason: ['server-verified'],
  });
  expect((await advertised(`https://${await listen(apiServer('', stranger.issue('x', NAMES)))}`)).reason).toEqual([
    'server-mismatch',
  ]);
  expect((await advertised(`https://${await listen(http.createServer())}`)).reason).toEqual(['not-an-api-server']);
  expect(await advertised('https://127.0.0.1:1')).toEqual({
    seen: { resolve: 'resolved', connect: 'ECONNREFUSED', request: null },
    reason: ['server-unreachable'],
  });
  const { seen } = await advertised('https://no-such-host.invalid:6443');
  expect(['ENOTFOUND', 'EAI_AGAIN']).toContain(seen?.resolve);
  expect(await advertised('no address')).toEqual({ seen: null, reason: [] });
});

test('where something that anybody may have answered sends nodes is not asked', async () => {
  const other = await listen(apiServer('{}'));
  asked.length = 0;
  expect(await advertised(`https://${other}`, [], { other0: SECRET })).toEqual({ seen: null, reason: [] });
  expect(asked.every(({ headers }) => headers.host !== other)).toBe(true);
  expect((await advertised(`https://${other}`, [])).reason).toEqual(['server-verified']);
});

test('what is no API server', async () => {
  const plain = http.createServer((_request, response) => response.end('hello'));
  expect((await see(settings(await listen(plain)))).reasons).toEqual(['not-an-api-server']);
  expect((await see(settings(await listen(apiServer('', serving, 302))))).reasons).toEqual(['not-an-api-server']);
  expect((await see(settings(await listen(apiServer('x'.repeat(300_000)))))).reasons).toEqual(['not-an-api-server']);
  expect((await see(settings(await listen(apiServer('{"data":{"kubeconfig":"[["}}'))))).reasons).toEqual([
    'no-cluster-info',
  ]);
  expect((await see(settings(await listen(apiServer(configMap('no certificate', {})))))).reasons).toEqual([
    'no-cluster-info',
  ]);
  expect((await see(settings(await listen(apiServer('{}', serving, 403))))).reasons).toEqual(['no-cluster-info']);
  expect((await see(settings(await listen(apiServer('{}', serving, 503))))).reasons).toEqual(['unavailable']);
});

test('connections that are dropped, refused, or answered never', async () => {
  const dropped = net.createServer((socket) => socket.destroy());
  expect((await see(settings(await listen(dropped)))).reasons).toEqual(['unreachable']);
  const silent = net.createServer(() => undefined);
  expect((await see({ ...settings(await listen(silent)), timeout: 400 })).value?.request).toBe('ETIMEDOUT');
  expect((await see(settings('127.0.0.1:1'))).value?.request).toBe('ECONNREFUSED');
});

test('without a join line there is nothing to read, and in a directory no network', async () => {
  const context = { plan: DEFAULTS, signal: AbortSignal.timeout(1000) };
  expect(await clusterInfo.read(liveSystem(), context)).toBeNull();
  await expect(
    clusterInfo.read(rootedSystem('/nonexistent'), { ...context, plan: settings('127.0.0.1:1') }),
  ).rejects.toMatchObject({ why: 'unsupported' });
  const ended = AbortSignal.abort();
  await expect(clusterInfo.read(liveSystem(), { plan: settings('127.0.0.1:1'), signal: ended })).rejects.toMatchObject({
    why: 'timeout',
  });
});

async function endpoint(controlPlaneEndpointSetting: string, timeout = 3000) {
  const plan = { ...DEFAULTS, controlPlaneEndpoint: controlPlaneEndpointSetting, timeout };
  const value = await controlPlaneEndpoint.read(liveSystem(), { plan, signal: AbortSignal.timeout(5000) });
  expect(controlPlaneEndpoint.schema().parse(value)).toEqual(value);
  return value;
}

test('the endpoint: an API server, by address and by name', async () => {
  const address = await listen(apiServer('{}'));
  expect(await endpoint(address)).toMatchObject({
    resolve: 'resolved',
    attempts: [
      {
        address: '127.0.0.1',
        connect: 'connected',
        tls: 'done',
        namesHost: true,
        certificate: { subject: 'CN=kube-apiserver', names: ['localhost', '127.0.0.1'] },
      },
    ],
  });
  const byName = await endpoint(address.replace('127.0.0.1', 'localhost'));
  expect(byName?.attempts.find((attempt) => attempt.address === '127.0.0.1')?.namesHost).toBe(true);
  const other = await listen(apiServer('{}', kubernetes.issue('x', 'DNS:elsewhere')));
  expect((await endpoint(other))?.attempts[0]?.namesHost).toBe(false);
});

test('the endpoint: plain HTTP, dropped, silent, refused, no name', async () => {
  const outcome = async (text: string, timeout?: number) => {
    const value = await endpoint(text, timeout);
    return value?.attempts.map(({ connect, tls }) => tls ?? connect)[0] ?? value?.resolve;
  };
  expect(await outcome(await listen(http.createServer()))).toBe('ERR_SSL_WRONG_VERSION_NUMBER');
  expect(await outcome(await listen(net.createServer((socket) => socket.destroy())))).toBe('ECONNRESET');
  expect(await outcome(await listen(net.createServer(() => undefined)), 400)).toBe('ETIMEDOUT');
  expect(await outcome('127.0.0.1:1')).toBe('ECONNREFUSED');
  expect(['ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT']).toContain(await outcome('no-such-host.invalid:1'));
});

test('the endpoint: each step has the whole time of an attempt', async () => {
  const server = apiServer('{}');
  const slow = net.createServer((socket) => {
    setTimeout(() => server.emit('connection', socket), 600);
  });
  expect((await endpoint(await listen(slow), 1000))?.attempts[0]).toMatchObject({ connect: 'connected', tls: 'done' });
  expect(controlPlaneEndpoint.attempts).toBe(3);
});

test('the endpoint: none named, or no network', async () => {
  const signal = AbortSignal.timeout(1000);
  expect(await controlPlaneEndpoint.read(liveSystem(), { plan: DEFAULTS, signal })).toBeNull();
  const plan = { ...DEFAULTS, controlPlaneEndpoint: '127.0.0.1:1' };
  await expect(controlPlaneEndpoint.read(rootedSystem('/nonexistent'), { plan, signal })).rejects.toMatchObject({
    why: 'unsupported',
  });
});
