import * as http from 'node:http';
import * as https from 'node:https';
import * as net from 'node:net';
import * as z from 'zod';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { clusterClient } from '../../src/cluster/client.ts';
import { accessOf } from '../../src/cluster/connect.ts';
import { liveSystem } from '../../src/system/live.ts';
import { SystemError } from '../../src/system/system.ts';
import { addressOf, apiServer, authority, removeAuthority } from './api-server.ts';
import { base64, kubeconfig, removeDirectories } from './kubeconfigs.ts';

const version = z.object({ gitVersion: z.string() });
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  removeDirectories();
});
afterAll(removeAuthority);

type Tunnelled = { readonly to: string; readonly authorization: string | undefined };

/** A proxy that carries connections to where they are meant for, or answers with a status. */
async function proxying(
  server: http.Server | https.Server,
  status = 200,
): Promise<{ port: number; seen: Tunnelled[]; open: Set<net.Socket> }> {
  const [seen, open]: [Tunnelled[], Set<net.Socket>] = [[], new Set()];
  server.on('connect', (request: http.IncomingMessage, socket: net.Socket) => {
    seen.push({ to: request.url ?? '', authorization: request.headers['proxy-authorization'] });
    if (status !== 200) return socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const port = Number(/:(\d+)$/.exec(request.url ?? '')?.[1]);
    const onward = net.connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => undefined);
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      onward.destroy();
    });
    return closing.push(() => socket.destroy());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing.push(() => server.close());
  return { port: addressOf(server).port, seen, open };
}

async function versionBy(cluster: Readonly<Record<string, unknown>>): Promise<string> {
  const access = await accessOf(
    liveSystem(),
    kubeconfig({ 'certificate-authority-data': base64(authority().cert), ...cluster }, { token: 'secret' }),
  );
  const client = clusterClient({ system: liveSystem(), access, timeoutMs: 2_000 });
  closing.push(() => client.close());
  return (await client.document('/version', version, AbortSignal.timeout(5_000))).gitVersion;
}

test('a proxy carries what it cannot read, and has the password of its own URL alone', async () => {
  const server = await apiServer({
    paths: { '/version': { gitVersion: 'v1.36.2' } },
    authorization: () => 'Bearer secret',
  });
  closing.push(() => server.close());
  const proxy = await proxying(http.createServer());
  const cluster = {
    server: `https://localhost:${server.port}`,
    'proxy-url': `http://me:wo%20rd@127.0.0.1:${proxy.port}`,
  };
  expect(await versionBy(cluster)).toBe('v1.36.2');
  expect(proxy.seen).toEqual([{ to: `localhost:${server.port}`, authorization: `Basic ${base64('me:wo rd')}` }]);
});

test('a proxy that refuses, that is not there, and whose own certificate nobody knows, says so', async () => {
  const refusing = await proxying(http.createServer(), 407);
  const { cert, key } = authority().issue('proxy', 'IP:127.0.0.1');
  const strange = await proxying(https.createServer({ cert, key }));
  const server = 'https://10.255.255.1:6443';
  for (const [url, message] of [
    [`http://127.0.0.1:${refusing.port}`, /does not lead to https:\/\/10\.255\.255\.1:6443: it answered 407/],
    ['http://127.0.0.1:1', /the proxy http:\/\/127\.0\.0\.1:1 could not be reached: ECONNREFUSED/],
    [`https://127.0.0.1:${strange.port}`, /could not be reached: (?:UNABLE_TO_VERIFY|SELF_SIGNED)/],
  ] as const) {
    const error: unknown = await versionBy({ server, 'proxy-url': url }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SystemError);
    expect(String(error)).toMatch(message);
  }
});

test('the server behind a proxy has to prove itself as any other', async () => {
  const misnamed = authority().issue('kube-apiserver', 'DNS:elsewhere.example.org');
  const server = await apiServer({ paths: {}, tls: { cert: misnamed.cert, key: misnamed.key } });
  closing.push(() => server.close());
  const proxy = await proxying(http.createServer());
  const cluster = { server: `https://localhost:${server.port}`, 'proxy-url': `http://127.0.0.1:${proxy.port}` };
  const error: unknown = await versionBy(cluster).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(SystemError);
  expect(String(error)).toMatch(/its certificate is for other names/);
  expect(server.asked).toEqual([]);
  await vi.waitFor(() => expect(proxy.open.size).toBe(0));
});
