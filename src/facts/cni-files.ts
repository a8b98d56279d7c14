import * as z from 'zod';
import { loadConfDir, type ConfFile } from '../cni/load.ts';
import { chooseForContainerd, chooseForCrio } from '../kubernetes/cni/choose.ts';
import type { NetworkList, PluginConfig } from '../kubernetes/cni/config-list.ts';
import { defineFact } from './define-fact.ts';
import { cniDirectories } from './runtimes/cni-directories.ts';

const choice = () =>
  z.object({
    outcome: z
      .enum(['wins', 'broken', 'unread', 'none'])
      .describe(
        'wins: it takes the file; broken: it takes a file that it cannot run; unread: that depends on a file that could not be read; none: it finds no file',
      ),
    file: z.string().nullable().describe('the file that decided it; null where there is none'),
  });

const schema = () =>
  z.object({
    runtime: z.enum(['containerd', 'cri-o', 'cri-dockerd']).nullable().describe('the runtime of this node'),
    directory: z.string().describe('the directory that was looked into, of the plan'),
    present: z.boolean().describe('it is there'),
    runtimeDirectory: z.string().nullable().describe('where the runtime’s configuration says that networks are'),
    files: z
      .array(
        z.object({
          name: z.string().describe('of the file, without its directory'),
          state: z.enum(['valid', 'broken', 'unread']).describe('whether it holds a network that can be run'),
          problem: z.string().nullable().describe('why it is broken or unread, in one sentence'),
          network: z
            .object({
              name: z.string().describe('of the network; cut after 128 characters, as all text here is'),
              cniVersion: z.string().describe('cniVersion'),
              cniVersions: z.array(z.string()).nullable().describe('cniVersions; null where it is not said'),
              version: z.string().describe('what the chain is run with'),
              siblings: z
                .array(z.string())
                .describe('files of the directory named like the network that extend the chain'),
              plugins: z
                .array(
                  z.object({
                    type: z.string().describe('name of the plugin, and of its program'),
                    ipam: z.string().nullable().describe('type of the plugin that gives addresses'),
                    bridge: z.string().nullable().describe('bridge, where the plugin takes that'),
                    mtu: z.number().nullable().describe('mtu, bytes'),
                    isGateway: z.boolean().nullable().describe('isGateway'),
                    ipMasq: z
                      .boolean()
                      .nullable()
                      .describe('ipMasq: whether what leaves for outside the network gets an address of the node'),
                    capabilities: z.array(z.string()).describe('those of its capabilities that are on'),
                    subnets: z.array(z.string()).describe('networks that ipam gives addresses from'),
                  }),
                )
                .describe('the chain, in its order; 32 of them at most'),
            })
            .nullable()
            .describe('what a valid one says; null otherwise'),
        }),
      )
      .describe('in the order in which runtimes consider them'),
    choices: z
      .object({ containerd: choice().describe('of containerd'), crio: choice().describe('of CRI-O') })
      .describe('which file each kind of runtime takes; cri-dockerd chooses like CRI-O'),
  });

type Value = z.infer<ReturnType<typeof schema>>;

export default defineFact({
  title: 'CNI configuration files',
  schema,
  read: async (system, { plan }): Promise<Value> => {
    const { runtime, confDir, runtimeConfDir, maxConfNum, defaultNetwork } = await cniDirectories(system, plan);
    const present = (await system.status(confDir))?.kind === 'directory';
    const files = present ? await loadConfDir(system, confDir) : [];
    return {
      runtime,
      directory: confDir,
      present,
      runtimeDirectory: runtimeConfDir,
      files: files.map(summary),
      choices: {
        containerd: { ...chooseForContainerd(files, maxConfNum) },
        crio: { ...chooseForCrio(files, defaultNetwork) },
      },
    };
  },
});

type FileSummary = Value['files'][number];
type PluginSummary = NonNullable<FileSummary['network']>['plugins'][number];

function summary(file: ConfFile): FileSummary {
  const { name, state } = file;
  if (file.state === 'valid')
    return { name, state, problem: null, network: networkSummary(file.network, file.siblings) };
  return { name, state, problem: file.state === 'broken' ? file.problem : file.detail, network: null };
}

/** Text and lists from a file are cut: saved evidence must stay small whatever the file holds. */
const clip = (text: string) => text.slice(0, 128);
const MAX_ITEMS = 32;

function networkSummary(network: NetworkList, siblings: readonly string[]): NonNullable<FileSummary['network']> {
  return {
    name: clip(network.name),
    cniVersion: clip(network.cniVersion),
    cniVersions: network.cniVersions?.slice(0, MAX_ITEMS).map(clip) ?? null,
    version: clip(network.version),
    siblings: siblings.slice(0, MAX_ITEMS).map(clip),
    plugins: network.plugins.slice(0, MAX_ITEMS).map(pluginSummary),
  };
}

/** What plugins call these things; of another type they are as if they were not there. */
const settingsSchema = () =>
  z.object({
    bridge: z.string().nullable().catch(null).default(null),
    mtu: z.number().nullable().catch(null).default(null),
    isGateway: z.boolean().nullable().catch(null).default(null),
    ipMasq: z.boolean().nullable().catch(null).default(null),
    ipam: z
      .object({
        subnet: z.string().optional().catch(undefined),
        ranges: z
          .array(z.array(z.object({ subnet: z.string().optional().catch(undefined) })))
          .optional()
          .catch(undefined),
      })
      .catch({})
      .default({}),
  });

let settings: ReturnType<typeof settingsSchema> | null = null;

function pluginSummary({ type, ipamType, capabilities, raw }: PluginConfig): PluginSummary {
  const { bridge, mtu, isGateway, ipMasq, ipam } = (settings ??= settingsSchema()).parse(raw);
  const subnets = [ipam.subnet, ...(ipam.ranges ?? []).flat().map(({ subnet }) => subnet)];
  return {
    type: clip(type),
    ipam: ipamType === null ? null : clip(ipamType),
    bridge: bridge === null ? null : clip(bridge),
    mtu,
    isGateway,
    ipMasq,
    capabilities: capabilities.slice(0, MAX_ITEMS).map(clip),
    subnets: subnets.flatMap((subnet) => (subnet === undefined ? [] : clip(subnet))).slice(0, MAX_ITEMS),
  };
}
