import { rmSync } from 'node:fs';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { makeAuthority, type Authority } from '../authority.ts';

type Objects = readonly Readonly<Record<string, unknown>>[];

/** How one test's server differs from one that serves its objects to everybody. */
export interface ApiServerOptions {
  /** What it holds, by path: a list that is paged, or one document. */
  readonly paths: Readonly<Record<string, Objects | Readonly<Record<string, unknown>>>>;
  /** Header that it wants of everybody; else any will do. */
  readonly authorization?: () => string;
  /** Paths that it forbids. */
  readonly forbidden?: readonly string[];
  readonly tls?: Partial<ServerOptions>;
  /** Answers in place of all this; true when it did. */
  readonly odd?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

export interface ApiServer {
  readonly url: string;
  readonly port: number;
  /** Of what came: the path with its query, and what proved who asked. */
  readonly asked: { path: string; authorization: string | null; clientName: string | null }[];
  close(): Promise<void>;
}

let made: Authority | null = null;

/** One authority serves all tests of a file: making one takes 30 ms. */
export function authority(): Authority {
  return (made ??= makeAuthority('test cluster'));
}

/** To be called at the end of each file of tests. */
export function removeAuthority(): void {
  if (made !== null) rmSync(made.directory, { recursive: true, force: true });
  made = null;
}

/** An HTTPS server that answers as an API server does: GET alone, JSON, pages with continue tokens. */
export async function apiServer(options: ApiServerOptions): Promise<ApiServer> {
  const asked: ApiServer['asked'] = [];
  const { cert, key } = authority().issue('kube-apiserver', 'DNS:localhost,IP:127.0.0.1');
  const settings = { cert, key, ca: authority().cert, requestCert: true, rejectUnauthorized: false, ...options.tls };
  const server = createServer(settings, (request, response) => {
    const socket = request.socket;
    const peer =
      'getPeerCertificate' in socket && typeof socket.getPeerCertificate === 'function'
        ? socket.getPeerCertificate()
        : null;
    asked.push({
      path: request.url ?? '',
      authorization: request.headers.authorization ?? null,
      clientName: peer?.subject?.CN ?? null,
    });
    if (options.odd?.(request, response) === true) return;
    answer(options, request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = addressOf(server);
  return {
    url: `https://127.0.0.1:${port}`,
    port,
    asked,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function answer(
  { paths, authorization, forbidden }: ApiServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const url = new URL(request.url ?? '', 'https://api');
  const say = (status: number, body: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const refuse = (code: number, reason: string) =>
    say(code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason });
  if (authorization !== undefined && request.headers.authorization !== authorization())
    return refuse(401, 'Unauthorized');
  if (request.method !== 'GET') return refuse(405, 'MethodNotAllowed');
  if (forbidden?.includes(url.pathname) === true) return refuse(403, 'Forbidden');
  const found = paths[url.pathname];
  if (found === undefined) return refuse(404, 'NotFound');
  if (!Array.isArray(found)) return say(200, found);
  const limit = Number(url.searchParams.get('limit') ?? found.length);
  const start = Number(url.searchParams.get('continue') ?? 0);
  const next = start + limit;
  say(200, {
    kind: 'List',
    apiVersion: 'v1',
    metadata: next < found.length ? { continue: String(next) } : {},
    items: found.slice(start, next),
  });
}

export function addressOf(server: Pick<Server, 'address'>): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it does not listen');
  return address;
}
