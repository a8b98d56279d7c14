import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';

const paths = z.array(z.string()).default([]);

/** What of a kustomization those of deploy/ use. */
const kustomization = z.strictObject({
  apiVersion: z.string().optional(),
  kind: z.string().optional(),
  resources: paths,
  components: paths,
  patches: z.array(z.strictObject({ path: z.string() })).default([]),
  images: z.array(z.strictObject({ name: z.string(), newName: z.string(), newTag: z.string() })).default([]),
  configMapGenerator: z
    .array(
      z.strictObject({
        name: z.string(),
        namespace: z.string(),
        files: z.array(z.string()),
        options: z.strictObject({ disableNameSuffixHash: z.literal(true), labels: z.record(z.string(), z.string()) }),
      }),
    )
    .default([]),
});
type Kustomization = z.infer<typeof kustomization>;

/**
 * A kustomization of a directory below `root`, with all that it stands on, as one that may lie in `root`: kubectl before 1.21 knows no components, takes
 * files from below a kustomization alone, patches by how they merge, and the options of all ConfigMaps at once.
 */
export function flatKustomization(root: string, directory: string) {
  const all = withNested(root, directory);
  const configMaps = all.flatMap((each) => each.configMapGenerator);
  return {
    resources: all.flatMap(({ resources }) => resources),
    patchesStrategicMerge: all.flatMap(({ patches }) => patches.map(({ path }) => path)),
    images: all.flatMap(({ images }) => images),
    configMapGenerator: configMaps.map(({ name, namespace, files }) => ({ name, namespace, files })),
    ...(configMaps[0] === undefined ? {} : { generatorOptions: configMaps[0].options }),
  };
}

/** Itself last, each with its paths as seen from `root`. */
function withNested(root: string, directory: string): Kustomization[] {
  const read = kustomization.parse(parse(readFileSync(join(root, directory, 'kustomization.yaml'), 'utf8')));
  const seen = (path: string) => join(directory, path);
  const isDirectory = (path: string) => statSync(join(root, path)).isDirectory();
  const resources = read.resources.map(seen);
  const nested = [...resources.filter(isDirectory), ...read.components.map(seen)];
  return [
    ...nested.flatMap((path) => withNested(root, path)),
    {
      ...read,
      resources: resources.filter((path) => !isDirectory(path)),
      patches: read.patches.map(({ path }) => ({ path: seen(path) })),
      configMapGenerator: read.configMapGenerator.map((each) => ({
        ...each,
        files: each.files.map((name) => `${name}=${seen(name)}`),
      })),
    },
  ];
}
