import * as z from 'zod';
import type { Parsed } from '../kubernetes/cni/config-list.ts';
import { KNOWN_VERSIONS } from '../kubernetes/cni/version.ts';
import { parseCidr } from '../values/cidr.ts';
import { parseIp } from '../values/ip.ts';

/** What a plugin made, in one form for all versions of the specification; null is what it did not say. */
export interface CniResult {
  readonly interfaces: readonly CniInterface[];
  readonly ips: readonly CniAddress[];
  readonly routes: readonly CniRoute[];
  readonly dns: CniDns;
}

interface CniInterface {
  readonly name: string;
  readonly mac: string | null;
  /** The network namespace that it is in, as a path; null on the host. */
  readonly sandbox: string | null;
  readonly mtu: number | null;
}

export interface CniAddress {
  /** The address and the length of its network: `10.244.1.5/24`. */
  readonly address: string;
  readonly gateway: string | null;
  /** The place of its interface in `interfaces`, as the plugin says: it may lead nowhere. */
  readonly interface: number | null;
}

export interface CniRoute {
  /** A network; host bits are as the plugin has them. */
  readonly dst: string;
  readonly gw: string | null;
  readonly mtu: number | null;
  readonly advmss: number | null;
  readonly priority: number | null;
  readonly table: number | null;
  /** As in rtnetlink: 0 global, 253 link, 254 host. */
  readonly scope: number | null;
}

interface CniDns {
  readonly nameservers: readonly string[];
  readonly domain: string | null;
  readonly search: readonly string[];
  readonly options: readonly string[];
}

/** The result of ADD. */
export interface AddResult {
  readonly normal: CniResult;
  /** As the plugin gave it, with a version if it gave none: the next plugin gets this. */
  readonly raw: RawResult;
}

export type RawResult = Readonly<Record<string, unknown>> & { readonly cniVersion: string };

/** A result has a handful of each; beyond this it is no answer. */
const MAX_ITEMS = 1024;

const buildSchemas = () => {
  // Go writes what is not set as null, as an empty text, or not at all.
  const list = <T extends z.ZodType>(item: T) =>
    z
      .array(item)
      .max(MAX_ITEMS)
      .nullish()
      .transform((items) => items ?? []);
  const text = () =>
    z
      .string()
      .nullish()
      .transform((said) => (said === undefined || said === '' ? null : said));
  const ip = () => text().refine((said) => said === null || parseIp(said) !== null, 'it is no address');
  const cidr = () => z.string().refine((said) => parseCidr(said) !== null, 'it is no address with a prefix length');
  const number = () =>
    z
      .int()
      .nullish()
      .transform((said) => said ?? null);
  const numberButZero = () => number().transform((said) => (said === 0 ? null : said));
  const dns = () =>
    z
      .object({ nameservers: list(z.string()), domain: text(), search: list(z.string()), options: list(z.string()) })
      .nullish()
      .transform((said) => said ?? NO_DNS);
  const routes = () =>
    list(
      z.object({
        dst: cidr(),
        gw: ip(),
        mtu: numberButZero(),
        advmss: numberButZero(),
        priority: numberButZero(),
        table: number(),
        scope: number(),
      }),
    );
  const oldAddress = () =>
    z
      .object({ ip: cidr(), gateway: ip(), routes: routes() })
      .nullish()
      .transform((said) => said ?? null);
  return {
    // 0.1.0 and 0.2.0: one address of each family.
    old: z.object({ ip4: oldAddress(), ip6: oldAddress(), dns: dns() }),
    // From 0.3.0 on. Until 0.4.0 an address tells its family, which is seen from the address.
    current: z.object({
      interfaces: list(z.object({ name: z.string(), mac: text(), sandbox: text(), mtu: numberButZero() })),
      ips: list(z.object({ address: cidr(), gateway: ip(), interface: number() })),
      routes: routes(),
      dns: dns(),
    }),
  };
};

const NO_DNS: CniDns = { nameservers: [], domain: null, search: [], options: [] };

let schemas: ReturnType<typeof buildSchemas> | null = null;

/** What ADD printed. Without a version it has that of the chain; `null` is a result that says nothing. */
export function parseResult(text: string, chainVersion: string): Parsed<AddResult> {
  if (text.trim() === '') return { problem: 'it printed nothing' };
  let json: unknown;
  try {
    json = JSON.parse(text);
    // It is to be printed again for the next plugin: nested without end it could be read, and not be printed.
    JSON.stringify(json);
  } catch {
    return { problem: `what it printed is no JSON: ${text.trim().slice(0, 200)}` };
  }
  return readResult(json ?? {}, chainVersion);
}

export function readResult(json: unknown, chainVersion: string): Parsed<AddResult> {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return { problem: 'what it printed is no result' };
  const said = 'cniVersion' in json && typeof json.cniVersion === 'string' ? json.cniVersion : '';
  const cniVersion = said === '' ? chainVersion : said;
  if (!KNOWN_VERSIONS.some((version) => version === cniVersion))
    return {
      problem: `its result is of version "${cniVersion.slice(0, 64)}", which is none of ${KNOWN_VERSIONS.join(', ')}`,
    };
  const { old, current } = (schemas ??= buildSchemas());
  const raw = { ...json, cniVersion };
  if (cniVersion === '0.1.0' || cniVersion === '0.2.0') {
    const found = old.safeParse(json);
    return found.success ? { value: { normal: fromOld(found.data), raw } } : { problem: firstIssue(found.error) };
  }
  const found = current.safeParse(json);
  return found.success ? { value: { normal: found.data, raw } } : { problem: firstIssue(found.error) };
}

type OldResult = z.infer<ReturnType<typeof buildSchemas>['old']>;

function fromOld({ ip4, ip6, dns }: OldResult): CniResult {
  const both = [ip4, ip6].filter((address) => address !== null);
  return {
    interfaces: [],
    ips: both.map(({ ip, gateway }) => ({ address: ip, gateway, interface: null })),
    routes: both.flatMap(({ routes }) => routes),
    dns,
  };
}

/**
 * The result in the version of the chain, as CHECK and DEL need it: unchanged where that is its own. Between plugins of one ADD nothing is
 * converted: a plugin that answers in another version breaks the chain, here as under a runtime.
 */
export function resultAs({ raw, normal }: AddResult, version: string): RawResult {
  if (raw.cniVersion === version) return raw;
  // The family of an address was dropped with 1.0.0.
  const withFamily = version.startsWith('0.');
  const ips = normal.ips.map((ip) => ({
    ...(withFamily ? { version: ip.address.includes(':') ? '6' : '4' } : {}),
    ...present(ip),
  }));
  const dns = present(normal.dns);
  return {
    cniVersion: version,
    interfaces: normal.interfaces.map(present),
    ips,
    routes: normal.routes.map(present),
    ...(Object.keys(dns).length === 0 ? {} : { dns }),
  };
}

/** What was said, without what was not. */
function present(said: object): object {
  return Object.fromEntries(
    Object.entries(said).filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0)),
  );
}

function firstIssue({ issues }: z.ZodError): string {
  const [issue] = issues;
  const where = (issue?.path ?? []).map(String).join('.').slice(0, 80);
  const what = (issue?.message ?? 'it is malformed').replace(/^Invalid input: /, '');
  return `its result is malformed: "${where}": ${what}`;
}
