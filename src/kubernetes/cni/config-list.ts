import * as z from 'zod';
import { chosenVersion, versionNumbers } from './version.ts';

/** One plugin of a chain. `raw` is the object as the file has it, every unknown key included: the plugin gets it. */
export interface PluginConfig {
  readonly type: string;
  readonly ipamType: string | null;
  readonly capabilities: readonly string[];
  readonly raw: Readonly<Record<string, unknown>>;
}

/** A network: the chain that a runtime runs for each pod. */
export interface NetworkList {
  readonly name: string;
  /** As the file says; empty when it does not. */
  readonly cniVersion: string;
  readonly cniVersions: readonly string[] | null;
  /** What the chain is run with. */
  readonly version: string;
  readonly disableCheck: boolean;
  readonly disableGC: boolean;
  readonly loadOnlyInlinedPlugins: boolean;
  readonly plugins: readonly PluginConfig[];
}

/** A problem is one sentence; a runtime refuses to load such a file. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string };

/** Booleans may be written as strings in a list (libcni reads `"true"`). */
const flag = () =>
  z
    .union([
      z.boolean(),
      z
        .string()
        .transform((text) => text.toLowerCase())
        .pipe(z.enum(['true', 'false']))
        .transform((text) => text === 'true'),
    ])
    .default(false);

const version = () => z.string().refine((text) => versionNumbers(text) !== null, 'not a version');

const buildSchemas = () => ({
  list: z.object({
    name: z.string(),
    cniVersion: z.string().default(''),
    cniVersions: z.array(version()).optional(),
    disableCheck: flag(),
    disableGC: flag(),
    loadOnlyInlinedPlugins: flag(),
    plugins: z.array(z.unknown()).min(1, 'it is empty').optional(),
  }),
  plugin: z.object({
    cniVersion: z.string().nullish(),
    name: z.string().nullish(),
    type: z.string().min(1, 'it is empty'),
    capabilities: z.record(z.string(), z.boolean()).nullish(),
    ipam: z.object({ type: z.string().nullish() }).nullish(),
  }),
});

let schemas: ReturnType<typeof buildSchemas> | null = null;

/** A `.conflist`. Without `plugins` the chain is empty, and lives in the directory named like the network. */
export function parseList(text: string): Parsed<NetworkList> {
  const json = parseObject(text);
  if ('problem' in json) return json;
  const found = (schemas ??= buildSchemas()).list.safeParse(json.value);
  if (!found.success) return { problem: firstIssue(found.error) };
  const { plugins, cniVersions = null, ...rest } = found.data;
  if (plugins === undefined && rest.loadOnlyInlinedPlugins)
    return { problem: 'it has no "plugins", and loadOnlyInlinedPlugins forbids others' };
  const chain: PluginConfig[] = [];
  for (const [index, raw] of (plugins ?? []).entries()) {
    const plugin = parsePluginObject(raw);
    if ('problem' in plugin) return { problem: `plugins[${index}]: ${plugin.problem}` };
    chain.push(plugin.value);
  }
  const version = chosenVersion(rest.cniVersion, cniVersions);
  return { value: { ...rest, cniVersions, version, plugins: chain } };
}

/** A `.conf` or `.json`: one plugin, which is a chain of its own. */
export function parseSingle(text: string): Parsed<NetworkList> {
  const plugin = parsePlugin(text);
  if ('problem' in plugin) return plugin;
  const { name, cniVersion } = plugin.value.raw;
  const said = typeof cniVersion === 'string' ? cniVersion : '';
  return {
    value: {
      name: typeof name === 'string' ? name : '',
      cniVersion: said,
      cniVersions: null,
      version: chosenVersion(said, null),
      disableCheck: false,
      disableGC: false,
      loadOnlyInlinedPlugins: true,
      plugins: [plugin.value],
    },
  };
}

/** One plugin object; a list in its place has no `type`. */
export function parsePlugin(text: string): Parsed<PluginConfig> {
  const json = parseObject(text);
  if ('problem' in json) return json;
  if (!('type' in json.value) && 'plugins' in json.value)
    return { problem: 'it holds a list of plugins, which only a .conflist file may' };
  return parsePluginObject(json.value);
}

function parsePluginObject(raw: unknown): Parsed<PluginConfig> {
  if (!isObject(raw)) return { problem: 'it is not an object' };
  const found = (schemas ??= buildSchemas()).plugin.safeParse(raw);
  if (!found.success) return { problem: firstIssue(found.error) };
  const { type, ipam, capabilities } = found.data;
  return {
    value: {
      type,
      ipamType: ipam?.type ?? null,
      capabilities: Object.entries(capabilities ?? {}).flatMap(([name, on]) => (on ? [name] : [])),
      raw,
    },
  };
}

/** What a runtime loads and yet cannot run: the first ADD is refused for it. Null when there is nothing. */
export function faultOf({ name, plugins }: NetworkList): string | null {
  if (name === '') return 'the network has no name';
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) return 'the name of the network is not one';
  const types = plugins.flatMap(({ type, ipamType }) => (ipamType === null ? [type] : [type, ipamType]));
  return types.some((type) => !isPluginType(type)) ? 'a plugin type is a path, and not a name' : null;
}

/** A type is the name of a file in the plugin directory. */
export function isPluginType(type: string): boolean {
  return type !== '' && type !== '.' && type !== '..' && !/[/\0]/.test(type);
}

function parseObject(text: string): Parsed<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? { value } : { problem: 'it is not a JSON object' };
  } catch (error) {
    // Only the place is told: the message would quote the file.
    const place = /\(line \d+ column \d+\)/.exec(error instanceof Error ? error.message : '');
    if (text.trim() === '') return { problem: 'it is empty' };
    return { problem: `it is not valid JSON${place === null ? '' : ` ${place[0]}`}` };
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function firstIssue({ issues }: z.ZodError): string {
  const [issue] = issues;
  const where = (issue?.path ?? []).map(String).join('.').slice(0, 80);
  const what = (issue?.message ?? 'it is malformed').replace(/^Invalid input: /, '');
  return where === '' ? what : `"${where}": ${what}`;
}
