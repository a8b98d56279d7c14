import * as z from 'zod';
import { faultOf, parseList } from '../kubernetes/cni/config-list.ts';
import { privateDirectory } from '../system/private-directory.ts';
import { jsonOf } from '../values/json.ts';
import { faultOfAttachment, type Attachment } from './attachment.ts';
import type { Chain } from './running.ts';
import { readResult, type AddResult } from './result.ts';

/** What is to be undone: the chain and the pod that it was run for, and what it made so far. */
export interface Attached {
  readonly chain: Chain;
  readonly attachment: Attachment;
  readonly result: AddResult | null;
}

/** A file of the cache. `attached` is null for one that cannot be understood. */
export interface Recalled {
  readonly file: string;
  readonly attached: Attached | null;
}

const KIND = 'cniCacheV1';

/** As libcni has it, which knows no `binDirs`, passes over them, and writes the configuration in base64. */
const schema = () =>
  z.object({
    kind: z.literal(KIND),
    containerId: z.string(),
    config: z.base64(),
    ifName: z.string(),
    networkName: z.string(),
    netns: z.string().default(''),
    cniArgs: z.array(z.tuple([z.string(), z.string()])).default([]),
    capabilityArgs: z.record(z.string(), z.unknown()).default({}),
    result: z.record(z.string(), z.unknown()).optional(),
    binDirs: z.array(z.string().startsWith('/')),
  });

type CacheEntry = z.input<ReturnType<typeof schema>>;

/** A network's file of 2 MiB in base64, and a result of 1 MiB. */
const MAX_FILE_SIZE = 4 * 1024 * 1024;

const resultsOf = (cacheDir: string) => privateDirectory(`${cacheDir}/results`);

export function cacheFile({ network }: Chain, { containerId, ifname }: Attachment): string {
  return `${network.name}-${containerId}-${ifname}`;
}

/** Written before the first plugin runs, so that another process can undo what this one was killed over. Throws a SystemError. */
export async function remember(cacheDir: string, { chain, attachment, result }: Attached): Promise<void> {
  const { containerId, netns, ifname, args, capabilities } = attachment;
  const entry: CacheEntry = {
    kind: KIND,
    containerId,
    config: Buffer.from(configOf(chain)).toString('base64'),
    ifName: ifname,
    networkName: chain.network.name,
    netns,
    cniArgs: Object.entries(args),
    capabilityArgs: { ...capabilities },
    ...(result === null ? {} : { result: result.raw }),
    binDirs: [...chain.binDirs],
  };
  await (await resultsOf(cacheDir)).write(cacheFile(chain, attachment), JSON.stringify(entry));
}

/** The whole chain in one list: the version is chosen, and files beside it are part of it. */
function configOf({ network }: Chain): string {
  const { name, version, disableCheck, disableGC, plugins } = network;
  return JSON.stringify({
    cniVersion: version,
    name,
    disableCheck,
    disableGC,
    loadOnlyInlinedPlugins: true,
    plugins: plugins.map(({ raw }) => raw),
  });
}

/** All that is not undone yet, that of runs which still go on included. Throws a SystemError. */
export async function recall(cacheDir: string): Promise<readonly Recalled[]> {
  const results = await resultsOf(cacheDir);
  const recalled: Recalled[] = [];
  for (const file of await results.list()) {
    const text = await results.readIfThere(file, MAX_FILE_SIZE);
    if (text !== null) recalled.push({ file, attached: decode(text) });
  }
  return recalled;
}

/** Throws a SystemError. */
export async function forget(cacheDir: string, file: string): Promise<void> {
  await (await resultsOf(cacheDir)).remove(file);
}

function decode(text: string): Attached | null {
  const entry = schema().safeParse(jsonOf(text));
  if (!entry.success) return null;
  const { containerId, config, ifName, netns, cniArgs, capabilityArgs, result, binDirs } = entry.data;
  const list = parseList(Buffer.from(config, 'base64').toString('utf8'));
  if ('problem' in list) return null;
  const attachment: Attachment = {
    containerId,
    netns,
    ifname: ifName,
    args: Object.fromEntries(cniArgs),
    capabilities: capabilityArgs,
  };
  if (faultOf(list.value) !== null || faultOfAttachment(attachment) !== null) return null;
  // A result that cannot be understood is as good as none: DEL has to do without it after many a crash.
  const read = result === undefined ? null : readResult(result, list.value.version);
  return {
    chain: { network: list.value, binDirs },
    attachment,
    result: read === null || 'problem' in read ? null : read.value,
  };
}
