import pLimit from 'p-limit';
import * as z from 'zod';
import { chainPrograms } from '../cni/chain-programs.ts';
import { chosenNetwork } from '../cni/chosen-network.ts';
import { findPlugin } from '../cni/find-plugin.ts';
import { askVersion } from '../cni/version-call.ts';
import { DEFAULT_CNI_BIN_DIR } from '../kubernetes/cni.ts';
import type { NetworkList } from '../kubernetes/cni/config-list.ts';
import type { System } from '../system/system.ts';
import { writableByOthers } from '../system/trust.ts';
import { defineFact, type FactContext } from './define-fact.ts';
import { cniDirectories } from './runtimes/cni-directories.ts';

const answer = () =>
  z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('supports').describe('what came of asking it'),
      versions: z.array(z.string()).readonly().describe('versions of the protocol that it said it speaks'),
    }),
    z.object({ kind: z.literal('timed-out').describe('what came of asking it') }),
    z.object({ kind: z.literal('busy').describe('what came of asking it') }),
    z.object({ kind: z.literal('denied').describe('what came of asking it') }),
    z.object({
      kind: z.literal('cannot-start').describe('what came of asking it'),
      detail: z.string().describe('why, as a sentence'),
    }),
    z.object({
      kind: z.literal('bad-answer').describe('what came of asking it'),
      detail: z.string().describe('why, as a sentence'),
    }),
    z.object({
      kind: z.literal('not-run').describe('what came of asking it'),
      why: z
        .enum(['root', 'not-executable', 'writable-by-others', 'too-many'])
        .describe(
          'root: the machine is a directory; not-executable; writable-by-others: whoever can write it would have it run as the user of seaworthy; too-many: the chain is longer than what is asked',
        ),
      detail: z.string().nullable().describe('what others can write'),
    }),
  ]);

const schema = () =>
  z.object({
    runtime: z
      .enum(['containerd', 'cri-o', 'cri-dockerd'])
      .nullable()
      .describe('the runtime of this node; null where nothing tells'),
    live: z.boolean().describe('false for a directory: no plugin of it is run'),
    planned: z.string().describe('where network add-ons put their plugins'),
    runtimeDirectories: z
      .array(z.string())
      .nullable()
      .describe('where the runtime’s configuration says that plugins are'),
    directories: z
      .array(
        z.object({
          path: z.string().describe('as it was named'),
          real: z.string().nullable().describe('the same without links; null when it is not there'),
          plugins: z.array(z.string()).describe('names of what is in it'),
          mode: z.number().nullable().describe('permissions, as a number; null when it is not there'),
          uid: z.number().nullable().describe('of its owner; null when it is not there'),
          gid: z.number().nullable().describe('of its group; null when it is not there'),
          writableByOthers: z.string().nullable().describe('what on the way to it users other than root can write'),
        }),
      )
      .describe('directories that are searched for plugins, in this order'),
    plannedReal: z.string().nullable().describe('planned without links; null when it is not there'),
    internalLoopback: z.boolean().describe('the runtime sets up loopback itself'),
    choice: z
      .enum(['wins', 'broken', 'unread', 'none'])
      .describe('whether the runtime has a network, or why it has none'),
    chain: z
      .object({
        file: z.string().describe('its configuration file'),
        network: z.string().describe('its name'),
        version: z.string().describe('what the chain is run with'),
      })
      .nullable()
      .describe('the network that the runtime takes'),
    plugins: z
      .array(
        z.object({
          type: z.string().describe('name of the plugin, and of its program'),
          role: z
            .enum(['plugin', 'ipam', 'delegate', 'loopback'])
            .describe(
              'plugin: of the chain; ipam: gives it addresses; delegate: what a plugin calls by its own choice; loopback: what the runtime runs for each pod',
            ),
          path: z.string().nullable().describe('where it was found; null: in none of the directories'),
          other: z.string().nullable().describe('what is there instead of a regular file'),
          mode: z.number().nullable().describe('permissions, as a number; null when it was not found'),
          uid: z.number().nullable().describe('of its owner; null when it was not found'),
          answer: answer()
            .nullable()
            .describe('what it said when it was asked for its version; null when it was not found'),
        }),
      )
      .describe('every program that the chain runs'),
  });

type Value = z.infer<ReturnType<typeof schema>>;
type Role = Value['plugins'][number]['role'];

const MAX_PLUGINS = 16;
const SIDE_BY_SIDE = 8;

export default defineFact({
  title: 'CNI plugins',
  schema,
  read: async (system, { plan, signal }): Promise<Value> => {
    const places = await cniDirectories(system, plan);
    const planned = plan.cniBinDir ?? DEFAULT_CNI_BIN_DIR;
    const [{ outcome, file, network }, directories, plannedReal] = await Promise.all([
      chosenNetwork(system, places),
      Promise.all(places.binDirs.map((path) => lookAt(system, path))),
      realPath(system, planned),
    ]);
    const limit = pLimit(SIDE_BY_SIDE);
    const types = [...typesOf(network)];
    return {
      runtime: places.runtime,
      live: system.live,
      planned,
      plannedReal,
      runtimeDirectories: places.runtimeBinDirs === null ? null : [...places.runtimeBinDirs],
      directories,
      internalLoopback: places.internalLoopback,
      choice: outcome,
      chain: network === null ? null : { file, network: network.name, version: network.version },
      plugins: await Promise.all(
        types.map(([type, role], index) =>
          limit(() => inspect({ type, role, mayRun: index < MAX_PLUGINS }, places.binDirs, system, { plan, signal })),
        ),
      ),
    };
  },
});

/** Every program that the chain runs; without a network nothing is run, the loopback plugin neither. */
function typesOf(network: NetworkList | null): Map<string, Role> {
  if (network === null) return new Map();
  const found = new Map<string, Role>(chainPrograms(network.plugins));
  return found.has('loopback') ? found : found.set('loopback', 'loopback');
}

async function lookAt(system: System, path: string): Promise<Value['directories'][number]> {
  const status = await system.status(path);
  if (status?.kind !== 'directory')
    return { path, real: null, plugins: [], mode: null, uid: null, gid: null, writableByOthers: null };
  return {
    path,
    real: await realPath(system, path),
    plugins: (await system.list(path)).slice(0, 256).map((name) => name.slice(0, 128)),
    mode: status.mode,
    uid: status.uid,
    gid: status.gid,
    // Files of a mounted disk or a copy belong to whoever made it.
    writableByOthers: system.live ? await writableByOthers(system, path, 0) : null,
  };
}

async function realPath(system: System, path: string): Promise<string | null> {
  return (await system.status(path)) === null ? null : system.realPath(path);
}

interface Inspected {
  readonly type: string;
  readonly role: Role;
  readonly mayRun: boolean;
}

async function inspect(
  { type, role, mayRun }: Inspected,
  directories: readonly string[],
  system: System,
  { plan, signal }: FactContext,
): Promise<Value['plugins'][number]> {
  const found = await findPlugin(system, directories, type);
  if (found.path === null) return { type, role, path: null, other: found.other, mode: null, uid: null, answer: null };
  const { path, status } = found;
  const notRun = await whyNotRun(system, path, status.mode, mayRun);
  // One plugin that hangs must leave time for the others, in two rounds of them.
  const limited = AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(plan.timeout * 0.4))]);
  const answer = notRun ?? (await askVersion(system.programs, path, limited));
  return { type, role, path, other: null, mode: status.mode, uid: status.uid, answer };
}

type Answer = NonNullable<Value['plugins'][number]['answer']>;

/** No plugin is run from a file or directory that others can write: whoever can would have a program run as the user of this one. */
async function whyNotRun(system: System, path: string, mode: number, mayRun: boolean): Promise<Answer | null> {
  if ((mode & 0o111) === 0) return { kind: 'not-run', why: 'not-executable', detail: null };
  if (!system.native) return { kind: 'not-run', why: 'root', detail: null };
  const writable = await writableByOthers(system, path, process.geteuid?.() ?? 0);
  if (writable !== null) return { kind: 'not-run', why: 'writable-by-others', detail: writable };
  return mayRun ? null : { kind: 'not-run', why: 'too-many', detail: null };
}
