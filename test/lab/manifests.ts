import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import * as z from 'zod';

const KUSTOMIZE = join(import.meta.dirname, '../../deploy/kustomize');

const object = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});
type Manifest = z.infer<typeof object>;

/** What `kubectl apply -k` would apply. Debian's kubectl is of a time when a base was named under `bases`, and patches by how they merge: it is given a copy that does so. */
export function built(directory: string): readonly Manifest[] {
  const copy = mkdtempSync(join(tmpdir(), 'seaworthy-kustomize-'));
  try {
    cpSync(KUSTOMIZE, copy, { recursive: true });
    for (const overlay of readdirSync(join(copy, 'overlays'))) {
      const file = join(copy, 'overlays', overlay, 'kustomization.yaml');
      const text = readFileSync(file, 'utf8').replace(
        /^resources:\n {2}- \.\.\/\.\.\/base\n(?<others> {2}- )?/m,
        'bases:\n  - ../../base\nresources:\n$<others>',
      );
      const patched = text.replace(/^patches:\n(?<each>(?: {2}- path: .*\n)+)/m, (_, each: string) => {
        return `patchesStrategicMerge:\n${each.replaceAll('- path: ', '- ')}`;
      });
      writeFileSync(file, patched.replace(/^resources:\n(?! {2}- )/m, ''));
    }
    const text = execFileSync('kubectl', ['kustomize', join(copy, directory)], { stdio: ['ignore', 'pipe', 'pipe'] });
    return parseAllDocuments(text.toString()).map((document) => object.parse(document.toJS()));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

const daemonSet = z.object({
  spec: z.object({
    template: z.object({
      metadata: z.object({ labels: z.record(z.string(), z.string()) }),
      spec: z.object({
        hostNetwork: z.literal(true),
        hostPID: z.boolean().default(false),
        containers: z.tuple([
          z.object({
            image: z.string(),
            args: z.array(z.string()),
            env: z.array(z.object({ name: z.string(), value: z.string().optional() })),
            resources: z.object({ limits: z.object({ memory: z.string() }) }),
            securityContext: z.object({
              runAsUser: z.literal(0),
              allowPrivilegeEscalation: z.literal(false),
              readOnlyRootFilesystem: z.literal(true),
              capabilities: z.object({ drop: z.tuple([z.literal('ALL')]), add: z.array(z.string()) }),
            }),
            volumeMounts: z.array(
              z.object({
                name: z.string(),
                mountPath: z.string(),
                readOnly: z.literal(true),
                mountPropagation: z.string().optional(),
              }),
            ),
          }),
        ]),
        volumes: z.array(
          z.object({
            name: z.string(),
            hostPath: z.object({ path: z.string() }).optional(),
            secret: z.object({ secretName: z.string(), defaultMode: z.number() }).optional(),
          }),
        ),
      }),
    }),
  }),
});

export type PodSpec = z.infer<typeof daemonSet>['spec']['template']['spec'];

/** The pod that the DaemonSet of a kustomization starts on every node. */
export function podOf(directory: string): PodSpec {
  const found = built(directory).find(({ kind }) => kind === 'DaemonSet');
  return daemonSet.parse(found).spec.template.spec;
}
