import * as z from 'zod';
import { parseToml } from '../../values/toml.ts';
import { perRun } from '../parts/per-run.ts';
import { matchingFiles } from './matching-files.ts';

const CONTAINERD_CONFIG = '/etc/containerd/config.toml';

const LIMIT = 1024 * 1024;
const MAX_DEPTH = 4;

/** What containerd's configuration says of what is judged; null is what it leaves to its defaults. */
export interface ContainerdConfig {
  /** Files that were read, the main one first. */
  readonly files: readonly string[];
  /** Files that are no TOML: containerd does not start with them. */
  readonly broken: readonly string[];
  readonly disabledPlugins: readonly string[];
  readonly systemdCgroup: boolean | null;
  readonly confDir: string | null;
  readonly binDirs: readonly string[] | null;
  readonly maxConfNum: number | null;
  readonly internalLoopback: boolean | null;
}

const cniSchema = () =>
  z.object({
    conf_dir: z.string().optional().catch(undefined),
    bin_dir: z.string().optional().catch(undefined),
    bin_dirs: z.array(z.string()).optional().catch(undefined),
    max_conf_num: z.number().optional().catch(undefined),
    use_internal_loopback: z.boolean().optional().catch(undefined),
  });

const criSchema = () =>
  z
    .object({
      cni: cniSchema().optional().catch(undefined),
      containerd: z
        .object({
          default_runtime_name: z.string().optional().catch(undefined),
          runtimes: z
            .record(
              z.string(),
              z.looseObject({ options: z.looseObject({ SystemdCgroup: z.boolean().optional() }).optional() }),
            )
            .optional()
            .catch(undefined),
        })
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined);

/** Version 3 of the file is containerd 2, version 2 is 1.3 and later, version 1 before: each has its own name for the CRI plugin. */
const documentSchema = () =>
  z.object({
    imports: z.array(z.string()).catch([]).default([]),
    disabled_plugins: z.array(z.string()).catch([]).default([]),
    plugins: z
      .object({
        'io.containerd.cri.v1.runtime': criSchema(),
        'io.containerd.grpc.v1.cri': criSchema(),
        cri: criSchema(),
      })
      .catch({})
      .default({}),
  });

type Document = z.infer<ReturnType<typeof documentSchema>>;
type Cri = NonNullable<Document['plugins']['cri']>;

/** Null when there is no file: containerd runs with its defaults. What a file imports overrides it, and the later one wins. */
export const readContainerdConfig = perRun(async (system): Promise<ContainerdConfig | null> => {
  if ((await system.status(CONTAINERD_CONFIG)) === null) return null;
  const files: string[] = [];
  const broken: string[] = [];
  const documents: Document[] = [];
  const schema = documentSchema();
  const visit = async (path: string, depth: number): Promise<void> => {
    const text = files.includes(path) ? null : await system.readTextIfThere(path, LIMIT);
    if (text === null) return;
    files.push(path);
    const document = schema.safeParse(await parseToml(text));
    if (!document.success) {
      broken.push(path);
      return;
    }
    documents.push(document.data);
    if (depth === MAX_DEPTH) return;
    const directory = path.slice(0, path.lastIndexOf('/'));
    for (const pattern of document.data.imports)
      for (const file of await matchingFiles(system, directory, pattern)) await visit(file, depth + 1);
  };
  await visit(CONTAINERD_CONFIG, 0);
  return { files, broken, ...merged(documents) };
});

function merged(documents: readonly Document[]): Omit<ContainerdConfig, 'files' | 'broken'> {
  const plugins = documents.flatMap(({ plugins }): Cri[] => {
    const cri = plugins['io.containerd.cri.v1.runtime'] ?? plugins['io.containerd.grpc.v1.cri'] ?? plugins.cri;
    return cri === undefined ? [] : [cri];
  });
  const runtime = last(plugins.map(({ containerd }) => containerd?.default_runtime_name)) ?? 'runc';
  const cni = <T>(pick: (cni: NonNullable<Cri['cni']>) => T | undefined): T | null =>
    last(plugins.map(({ cni }) => (cni === undefined ? undefined : pick(cni))));
  return {
    disabledPlugins: [...new Set(documents.flatMap(({ disabled_plugins }) => disabled_plugins))],
    systemdCgroup: last(plugins.map(({ containerd }) => containerd?.runtimes?.[runtime]?.options?.SystemdCgroup)),
    confDir: cni(({ conf_dir }) => conf_dir),
    binDirs: cni(
      ({ bin_dirs, bin_dir }) => bin_dirs ?? (bin_dir === undefined || bin_dir === '' ? undefined : [bin_dir]),
    ),
    maxConfNum: cni(({ max_conf_num }) => max_conf_num),
    internalLoopback: cni(({ use_internal_loopback }) => use_internal_loopback),
  };
}

function last<T>(values: readonly (T | undefined)[]): T | null {
  return values.findLast((value) => value !== undefined) ?? null;
}
