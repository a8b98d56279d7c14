import * as z from 'zod';
import { stayFrugal } from '../system/frugal-memory.ts';
import { SystemError, type System } from '../system/system.ts';
import { jsonOf } from '../values/json.ts';
import type { Access } from './access.ts';
import { ask, TOO_MUCH, tooMuch } from './answer.ts';
import { connectionError } from './connection-error.ts';
import { refusal } from './refusal.ts';
import { agentOf, hostOf } from './request.ts';
import { pathOf, ruleOf, type Resource } from './resource.ts';
import { roomFor, weightOf } from './room.ts';
import { proxyError } from './tunnel.ts';

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

/** Where a page begins, null at the start, and how many objects it may have. */
interface Place {
  readonly next: string | null;
  readonly limit: number;
}

export interface ClientOptions {
  readonly system: System;
  readonly access: Access;
  /** Milliseconds that one request may take. */
  readonly timeoutMs: number;
}

/** Objects in a page. kubectl asks for 500: fewer are held at a time, and other requests wait less. A page that is too heavy is asked for again with a quarter of them. */
const PAGE = 100;
/** Answers that are on their way, together: a page of nodes with all their images, or of pods with all their volumes, takes up to five megabytes. Bytes. */
const ARRIVING = 16 * 2 ** 20;
/** One answer, parsed; such a page has half of it. Bytes. */
const PARSED = 20 * 2 ** 20;
/** What is kept of all lists: 20,000 pods and 5,000 nodes have room in it, by what is used of them. Bytes. */
const KEPT = 64 * 2 ** 20;

export function clusterClient({ system, access, timeoutMs }: ClientOptions): ClusterClient {
  const { server, credentials } = access;
  const agent = agentOf(access, timeoutMs);
  // Page after page is parsed and let go.
  stayFrugal();
  const asking = { access, agent, room: roomFor(ARRIVING) };
  const kept = roomFor(KEPT);

  const get = async <T>(path: string, schema: z.ZodType<T>, signal: AbortSignal, forbidden: string): Promise<T> => {
    // A credential program has a time limit of its own.
    const secrets = await credentials(signal, false);
    const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    await resolved(system, access, limited);
    let answer = await ask(asking, path, secrets, limited);
    if (answer.status === 401) {
      const renewed = await credentials(signal, true);
      if (renewed.authorization !== secrets.authorization || renewed.cert !== secrets.cert)
        answer = await ask(asking, path, renewed, limited);
    }
    if (answer.status !== 200) throw refusal(answer.status, server, path, forbidden);
    if (weightOf(answer.body) > PARSED) throw tooMuch(server, path);
    const parsed = schema.safeParse(jsonOf(answer.body));
    if (parsed.success) return parsed.data;
    const where = parsed.error.issues[0]?.path.map(String).join('.') ?? '';
    throw new SystemError(
      'error',
      `${server.origin} gave an answer to ${path} that is none of an API server${where === '' ? '' : ` (${where})`}`,
      'not-an-api-server',
    );
  };

  const page = async <T>(resource: Resource, item: z.ZodType<T>, { next, limit }: Place, signal: AbortSignal) => {
    const query = new URLSearchParams({ limit: String(limit), ...(next === null ? {} : { continue: next }) });
    const schema = z.object({
      metadata: z.object({ continue: z.string().nullish() }).nullish(),
      items: z.array(item).nullable(),
    });
    return get(`${pathOf(resource)}?${query.toString()}`, schema, signal, ruleOf(resource, 'list'));
  };

  /** From that place on as many as there is room for, and how many that is: pods with hundreds of variables are heavy, and no fewer follow. */
  const roomyPage = async <T>(resource: Resource, item: z.ZodType<T>, place: Place, signal: AbortSignal) => {
    for (let { limit } = place; ; limit = Math.max(1, Math.floor(limit / 4)))
      try {
        const got: Page<T> = await page(resource, item, { ...place, limit }, signal);
        return { got, limit };
      } catch (error) {
        if (limit === 1 || !(error instanceof SystemError) || error.code !== TOO_MUCH) throw error;
      }
  };

  const listOnce = async <T>(resource: Resource, item: z.ZodType<T>, { signal, most }: ListOptions) => {
    const items: T[] = [];
    let weight = 0;
    let place: Place = { next: null, limit: PAGE };
    try {
      do {
        const { got, limit } = await roomyPage(resource, item, place, signal);
        const more = got.items ?? [];
        const weighs = weightOf(JSON.stringify(more));
        weight += weighs;
        if (!kept.take(weighs)) throw tooMuch(server, pathOf(resource));
        // Copies: what was cut out of a long text holds all of it.
        items.push(...structuredClone(more));
        place = { next: got.metadata?.continue ?? '', limit };
        // A server that gives empty pages for ever gives nothing.
        if (place.next !== '' && (items.length >= most || more.length === 0)) return { items, complete: false };
      } while (place.next !== '');
      return { items, complete: true };
    } catch (error) {
      kept.leave(weight);
      throw error;
    }
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

/** Before Node looks it up itself: the System makes sure that Node's resolver would not hang for good. */
async function resolved({ network }: System, { server, proxy }: Access, signal: AbortSignal): Promise<void> {
  try {
    await network.resolve(hostOf(proxy ?? server), signal);
  } catch (error) {
    const why: unknown = error instanceof SystemError ? (error.cause ?? error) : error;
    throw proxy === null ? connectionError(why, server) : proxyError(why, proxy);
  }
}
