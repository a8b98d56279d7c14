import * as z from 'zod';
import { STATIC_PODS } from '../kubernetes/programs.ts';
import { SystemError, type System } from '../system/system.ts';
import { parseYaml } from '../values/yaml.ts';
import { defineFact } from './define-fact.ts';

const DIRECTORY = '/etc/kubernetes/manifests';

/** Flags that say where a component listens and what it serves; no others are kept. */
const FLAGS: readonly string[] = [
  'advertise-address',
  'advertise-client-urls',
  'allocate-node-cidrs',
  'anonymous-auth',
  'bind-address',
  'cluster-cidr',
  'data-dir',
  'etcd-servers',
  'feature-gates',
  'initial-advertise-peer-urls',
  'listen-client-urls',
  'listen-metrics-urls',
  'listen-peer-urls',
  'node-cidr-mask-size',
  'node-cidr-mask-size-ipv4',
  'node-cidr-mask-size-ipv6',
  'port',
  'secure-port',
  'service-cluster-ip-range',
  'service-node-port-range',
];

const schema = () =>
  z.object({
    components: z
      .array(
        z.object({
          name: z.enum(STATIC_PODS).describe('what else runs as a static pod is not looked into'),
          version: z.string().nullable().describe('tag of the image, without a leading v'),
          flags: z.record(z.string(), z.string()).describe('of those that are judged'),
        }),
      )
      .describe('those of Kubernetes and etcd that have a manifest'),
    broken: z.array(z.string()).describe('manifests that are no Pod'),
  });

type Component = z.infer<ReturnType<typeof schema>>['components'][number];

const podSchema = () => {
  const words = z.array(z.string()).nullish();
  const container = z.object({ image: z.string().nullish(), command: words, args: words });
  return z.object({ kind: z.literal('Pod'), spec: z.object({ containers: z.array(container) }) });
};

export default defineFact({
  title: 'static pods of the control plane',
  schema,
  read: async (system) => {
    const names = (await system.listIfThere(DIRECTORY)).filter((name) => /^[^.].*\.ya?ml$/.test(name));
    const found = await Promise.all(
      names.map(async (name) => ({ name, components: await readManifest(system, `${DIRECTORY}/${name}`) })),
    );
    return {
      components: found.flatMap(({ components }) => components ?? []),
      broken: found.filter(({ components }) => components === null).map(({ name }) => name),
    };
  },
});

async function readManifest(system: System, path: string): Promise<Component[] | null> {
  const text = await textOf(system, path);
  const parsed = text === null ? null : await parseYaml(text);
  const pod = podSchema().safeParse(parsed?.document);
  if (!pod.success) return null;
  return pod.data.spec.containers.flatMap(({ image, command, args }) => {
    const words = [...(command ?? []), ...(args ?? [])];
    const name = STATIC_PODS.find((known) => words.some((word) => isProgram(word, known)));
    return name === undefined ? [] : [{ name, version: tagOf(image ?? ''), flags: flagsOf(words) }];
  });
}

/** By its name alone, or by a path to a program; a data directory can be called like one. */
function isProgram(word: string, name: string): boolean {
  return word === name || word === `/${name}` || word.endsWith(`bin/${name}`);
}

/** A directory or a device that is called like a manifest is none; what may not be read is not known to be one. */
async function textOf(system: System, path: string): Promise<string | null> {
  try {
    return await system.readTextIfThere(path, 1024 * 1024);
  } catch (error) {
    if (error instanceof SystemError && error.why === 'error') return null;
    throw error;
  }
}

/** `registry:5000/kube-apiserver:v1.36.2@sha256:…` → `1.36.2` */
export function tagOf(image: string): string | null {
  const [reference = ''] = image.split('@');
  const tag = /:([^:/]+)$/.exec(reference)?.[1];
  return tag?.replace(/^v(?=\d)/, '') ?? null;
}

/** `--name=value` and `--name`, which is true; the last one wins. */
export function flagsOf(words: readonly string[]): Record<string, string> {
  const flags: Record<string, string> = {};
  for (const word of words) {
    const match = /^--?([a-z][a-z0-9-]*)(?:=([^]*))?$/.exec(word);
    if (match?.[1] !== undefined && FLAGS.includes(match[1])) flags[match[1]] = match[2] ?? 'true';
  }
  return flags;
}
