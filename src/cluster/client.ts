import * as http from 'node:http';
import * as https from 'node:https';
import * as net from 'node:net';
import * as z from 'zod';
import { SystemError, type System } from '../system/system.ts';
import { jsonOf } from '../values/json.ts';
import type { Access, Secrets } from './access.ts';
import { connectionError, noAnswer } from './connection-error.ts';
import { pathOf, ruleOf, type Resource } from './resource.ts';
import { proxyError, TunnelAgent } from './tunnel.ts';

/** A client of the API that can do nothing but read. Every method throws a SystemError: `denied` for 401 and 403, `missing` for 404. */
export interface ClusterClient {
  readonly server: URL;
  /** A document at a path that everybody who is known to the server may read, such as /version. */
  document<T>(path: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<T>;
  object<T>(resource: Resource, namespace: string, name: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<T>;
  /** All objects of a kind in all namespaces, page by page; `complete` is false where there are more than `most`. */
  list<T>(resource: Resource, item: z.ZodType<T>, options: ListOptions): Promise<Listed<T>>;
  /** Closes its connections. */
  close(): void;
}

interface ListOptions {
  readonly signal: AbortSignal;
  readonly most: number;
}

interface Listed<T> {
  readonly items: readonly T[];
  readonly complete: boolean;
}

interface Page<T> {
  readonly metadata?: { readonly continue?: string | null | undefined } | null | undefined;
  readonly items: readonly T[] | null;
}

export interface ClientOptions {
  readonly system: System;
  readonly access: Access;
  /** Milliseconds that one request may take. */
  readonly timeoutMs: number;
}

/** A page of nodes with all their images, or of pods with all their volumes, takes a few megabytes. Bytes. */
const BODY_LIMIT = 16 * 1024 * 1024;
/** Objects in a page, as kubectl asks for them, halved: they come while other requests wait. */
const PAGE = 250;

export function clusterClient({ system, access, timeoutMs }: ClientOptions): ClusterClient {
  const { server, credentials } = access;
  const agent = agentOf(access, timeoutMs);

  const get = async <T>(path: string, schema: z.ZodType<T>, signal: AbortSignal, forbidden: string): Promise<T> => {
    // A credential program has a time limit of its own.
    const secrets = await credentials(signal, false);
    const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    await resolved(system, access, limited);
    let answer = await ask(access, agent, path, secrets, limited);
    if (answer.status === 401) {
      const renewed = await credentials(signal, true);
      if (renewed.authorization !== secrets.authorization || renewed.cert !== secrets.cert)
        answer = await ask(access, agent, path, renewed, limited);
    }
    if (answer.status !== 200) throw refusal(answer.status, server, path, forbidden);
    const parsed = schema.safeParse(jsonOf(answer.body));
    if (parsed.success) return parsed.data;
    const where = parsed.error.issues[0]?.path.map(String).join('.') ?? '';
    throw new SystemError(
      'error',
      `${server.origin} gave an answer to ${path} that is none of an API server${where === '' ? '' : ` (${where})`}`,
      'not-an-api-server',
    );
  };

  const page = async <T>(resource: Resource, item: z.ZodType<T>, next: string | null, signal: AbortSignal) => {
    const query = new URLSearchParams({ limit: String(PAGE), ...(next === null ? {} : { continue: next }) });
    const schema = z.object({
      metadata: z.object({ continue: z.string().nullish() }).nullish(),
      items: z.array(item).nullable(),
    });
    return get(`${pathOf(resource)}?${query.toString()}`, schema, signal, ruleOf(resource, 'list'));
  };

  const listOnce = async <T>(resource: Resource, item: z.ZodType<T>, { signal, most }: ListOptions) => {
    const items: T[] = [];
    let next: string | null = null;
    do {
      const got: Page<T> = await page(resource, item, next, signal);
      const more = got.items ?? [];
      items.push(...more);
      next = got.metadata?.continue ?? '';
      // A server that gives empty pages for ever gives nothing.
      if (next !== '' && (items.length >= most || more.length === 0)) return { items, complete: false };
    } while (next !== '');
    return { items, complete: true };
  };

  return {
    server,
    document: (path, schema, signal) => get(path, schema, signal, `nonResourceURLs: ["${path}"], verbs: ["get"]`),
    object: (resource, namespace, name, schema, signal) =>
      get(
        `${pathOf(resource, namespace)}/${name}`,
        schema,
        signal,
        `${ruleOf(resource, 'get')}, resourceNames: ["${name}"]`,
      ),
    list: async (resource, item, options) => {
      try {
        return await listOnce(resource, item, options);
      } catch (error) {
        // What a later page belongs to is kept for five minutes, and less where much changes: it is begun anew once.
        if (!(error instanceof SystemError) || error.code !== 'HTTP_410') throw error;
        return listOnce(resource, item, options);
      }
    },
    close: () => agent.destroy(),
  };
}

function agentOf({ server, proxy }: Access, timeoutMs: number): http.Agent {
  if (server.protocol === 'http:') return new http.Agent({ keepAlive: true });
  return proxy === null ? new https.Agent({ keepAlive: true }) : new TunnelAgent(proxy, timeoutMs);
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** Before Node looks it up itself: the System makes sure that Node's resolver would not hang for good. */
async function resolved({ network }: System, { server, proxy }: Access, signal: AbortSignal): Promise<void> {
  try {
    await network.resolve(hostOf(proxy ?? server), signal);
  } catch (error) {
    const why: unknown = error instanceof SystemError ? (error.cause ?? error) : error;
    throw proxy === null ? connectionError(why, server) : proxyError(why, proxy);
  }
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** One GET. Where it leads elsewhere (a redirect) nothing follows: the credentials are for this server alone. */
function ask(
  { server, trust }: Access,
  agent: http.Agent,
  path: string,
  secrets: Secrets,
  signal: AbortSignal,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const onAbort = () => reject(noAnswer(server));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  const fail = (error: unknown) => reject(connectionError(error, server));
  let call: http.ClientRequest | null = null;
  try {
    call = request(server, trust, agent, path, secrets);
    call.once('error', fail);
    call.once('response', (response) => {
      const chunks: Buffer[] = [];
      let total = 0;
      response.on('data', (chunk: Buffer) => {
        total += chunk.length;
        if (total <= BODY_LIMIT) chunks.push(chunk);
        else
          fail(
            new SystemError(
              'error',
              `${server.origin} gave an answer of more than ${BODY_LIMIT} bytes to ${path}`,
              'EFBIG',
            ),
          );
      });
      response.once('error', fail);
      response.once('aborted', () =>
        fail(new SystemError('error', `${server.origin} broke off its answer to ${path}`, 'ECONNRESET')),
      );
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    call.end();
  } catch (error) {
    // A certificate and a key that do not belong together, for one, are refused before anything is sent.
    fail(error);
  }
  return promise
    .catch((error: unknown) => {
      call?.destroy();
      throw error;
    })
    .finally(() => signal.removeEventListener('abort', onAbort));
}

function request(
  server: URL,
  { ca, verify, servername }: Access['trust'],
  agent: http.Agent,
  path: string,
  { authorization, cert, key }: Secrets,
): http.ClientRequest {
  const secure = server.protocol === 'https:';
  const options = {
    host: hostOf(server),
    port: server.port === '' ? (secure ? 443 : 80) : server.port,
    path: `${server.pathname.replace(/\/$/, '')}${path}`,
    agent,
    headers: {
      host: server.host,
      accept: 'application/json',
      'user-agent': 'seaworthy',
      // Nothing secret goes where others can read it.
      ...(authorization === null || !secure ? {} : { authorization }),
    },
  };
  if (!secure) return http.request(options);
  const name = servername ?? hostOf(server);
  return https.request({
    ...options,
    rejectUnauthorized: verify,
    ...(ca === null ? {} : { ca }),
    ...(cert === null || key === null ? {} : { cert, key }),
    // An address is no name that TLS could send.
    ...(net.isIP(name) === 0 ? { servername: name } : {}),
  });
}

function refusal(status: number, { origin }: URL, path: string, rule: string): SystemError {
  const code = `HTTP_${status}`;
  const plain = path.replace(/\?.*$/, '');
  if (status === 401)
    return new SystemError(
      'denied',
      `the API server ${origin} does not know who asks: its token or certificate is refused, or there is none`,
      code,
    );
  if (status === 403)
    return new SystemError(
      'denied',
      `the API server ${origin} does not let this user read ${plain}; a role allows it by the rule ${rule}`,
      code,
    );
  if (status === 404) return new SystemError('missing', `the API server ${origin} has no ${plain}`, code);
  if (status >= 300 && status < 400)
    return new SystemError(
      'error',
      `${origin} leads elsewhere (${status}), where nothing follows with credentials: name the API server itself`,
      code,
    );
  return new SystemError('error', `the API server ${origin} answered ${status} to ${plain}`, code);
}
