import * as z from 'zod';
import { SERVICE_DATAPATHS } from '../kubernetes/cluster-interfaces.ts';
import { hasJoined } from '../kubernetes/joined.ts';
import { LEGACY_FAMILIES, SAVED_RULES_LIMIT, loadedTables, saveLegacy } from '../system/iptables-save.ts';
import { nftLister, type Lister } from '../system/nft.ts';
import { SystemError, type System } from '../system/system.ts';
import { defineFact } from './define-fact.ts';
import nodeTraces from './node-traces.ts';
import processes from './processes.ts';
import { ipvsNodePorts, nftNodePorts, nodePortMaps, savedNodePorts, type SentPorts } from './parts/node-port-rules.ts';

const port = () => z.int().min(0).max(65_535);

const schema = () =>
  z.object({
    ports: z
      .array(
        z.object({
          protocol: z.enum(['tcp', 'udp']).describe('of the ports'),
          first: port().describe('of neighbours that go to one Service'),
          last: port().describe('the same as first for a single port'),
          by: z.string().describe('the Service as the rule names it, else the chain or table'),
        }),
      )
      .describe('ports of this node that rules send elsewhere before a socket could see it'),
    complete: z.boolean().describe('whether nothing else on this machine could send NodePorts to Services'),
    unseen: z.string().nullable().describe('what could, and is not shown'),
  });

type ServiceNodePorts = z.infer<ReturnType<typeof schema>>;

/** Only NodePorts that Kubernetes serves: on a machine that has not joined there are none, and no program is started. */
export default defineFact({
  title: 'NodePorts that rules send to Services',
  schema,
  read: async (system, context): Promise<ServiceNodePorts> => {
    const traces = await nodeTraces.read(system, context);
    if (context.plan.stage !== 'joined' && !hasJoined(traces)) return { ports: [], complete: true, unseen: null };
    if (!system.live) throw new SystemError('unsupported', 'rules are only known to a running kernel');
    if (!system.privileged) throw new SystemError('denied', 'only root may list rules');
    const sources = [
      nftRules(system, context.signal),
      legacyRules(system, context.signal),
      ipvsNodePorts(system).then((ports) => [ports]),
    ];
    const outcomes = await Promise.allSettled(sources);
    const ports = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value.flat() : []));
    const [failure] = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [asSystemError(outcome.reason).message] : [],
    );
    const unseen =
      failure ?? (await otherDatapath(system, async () => (await processes.read(system, context)).running));
    return { ports, complete: unseen === null, unseen };
  },
});

function asSystemError(error: unknown): SystemError {
  if (error instanceof SystemError) return error;
  throw error;
}

/** kube-proxy's own tables, and what iptables keeps in nf_tables: nft's JSON hides what iptables matches, so that its own program is asked. */
async function nftRules(system: System, signal: AbortSignal): Promise<SentPorts[][]> {
  const ask = await nftLister(system, signal);
  if (ask === null) return [];
  const tables = z.array(z.object({ table: z.object({ family: z.string(), name: z.string() }) }));
  const listed = tables.parse((await ask('tables')).filter((item) => 'table' in item)).map(({ table }) => table);
  const has = (family: string, name: string) => listed.some((each) => each.family === family && each.name === name);
  return Promise.all(
    LEGACY_FAMILIES.flatMap(({ family, program }) => [
      ...(has(family, 'kube-proxy') ? [kubeProxyMaps(ask, family)] : []),
      ...['nat', 'filter']
        .filter((table) => has(family, table))
        .map(async (table) => savedNodePorts(await saveNft(system, program, table, signal))),
    ]),
  );
}

async function kubeProxyMaps(ask: Lister, family: string): Promise<SentPorts[]> {
  const maps = await Promise.all(
    nodePortMaps(await ask('maps', family)).map((name) => ask('map', family, 'kube-proxy', name)),
  );
  return nftNodePorts(maps.flat());
}

async function saveNft(system: System, program: string, table: string, signal: AbortSignal): Promise<string> {
  const path = (await system.programs.find(`${program}-nft-save`)) ?? (await system.programs.find(`${program}-save`));
  if (path === null)
    throw new SystemError('missing', `${program}-nft-save is not installed, and only it lists these rules`);
  const { exitCode, stdout } = await system.programs.run(path, ['-t', table], { signal, limit: SAVED_RULES_LIMIT });
  // The same name may be the older program, which lists other rules and does not say so.
  if (exitCode !== 0 || !/^#.*\(nf_tables\)/m.test(stdout) || /^#.* is incompatible/m.test(stdout))
    throw new SystemError('error', `${path} -t ${table}: it did not list the rules that iptables has in nf_tables`);
  return stdout;
}

async function legacyRules(system: System, signal: AbortSignal): Promise<SentPorts[][]> {
  const lists = await Promise.all(
    LEGACY_FAMILIES.map(async ({ names, program }) => {
      const loaded = await loadedTables(system, names);
      const tables = ['nat', 'filter'].filter((table) => loaded.includes(table));
      return Promise.all(tables.map(async (table) => savedNodePorts(await saveLegacy(system, program, table, signal))));
    }),
  );
  return lists.flat();
}

/** An add-on that may do without kube-proxy, on a node where none runs. */
async function otherDatapath(
  system: System,
  running: () => Promise<readonly { readonly name: string }[]>,
): Promise<string | null> {
  const devices = await system.listIfThere('/sys/class/net');
  const device = devices.find((name) => Object.hasOwn(SERVICE_DATAPATHS, name));
  if (device === undefined || (await running()).some(({ name }) => name === 'kube-proxy')) return null;
  return `${SERVICE_DATAPATHS[device] ?? ''} (${device}) may send NodePorts to Services by itself, and no rule shows which`;
}
