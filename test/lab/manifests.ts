import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import * as z from 'zod';
import { flatKustomization } from './flat-kustomization.ts';

const DEPLOY = join(import.meta.dirname, '../../deploy');

const object = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});
export type Manifest = z.infer<typeof object>;

/** What `kubectl apply -k` would apply of a directory of deploy/kustomize. */
export function built(directory: string): readonly Manifest[] {
  return inCopy((copy) => rendered(copy, join('kustomize', directory)));
}

/** The same of a kustomization of one's own: the base and some of its components. */
export function composed(...components: readonly string[]): readonly Manifest[] {
  return inCopy((copy) => rendered(copy, own(copy, components)));
}

/** The same as a kubectl is told that knows of no components. */
export function flattened(...components: readonly string[]): readonly Manifest[] {
  return inCopy((copy) => renderedFlat(copy, own(copy, components)));
}

/** Debian's kubectl is of a time before them. */
export function knowsComponents(): boolean {
  const version = execFileSync('kubectl', ['version', '--client', '--output', 'json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return (
    z.object({ kustomizeVersion: z.string().optional() }).parse(JSON.parse(version.toString())).kustomizeVersion !==
    undefined
  );
}

function inCopy<T>(use: (copy: string) => T): T {
  const copy = mkdtempSync(join(tmpdir(), 'seaworthy-kustomize-'));
  try {
    cpSync(DEPLOY, copy, { recursive: true });
    return use(copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function own(copy: string, components: readonly string[]): string {
  mkdirSync(join(copy, 'own'));
  const kustomization = {
    resources: ['../kustomize/base'],
    components: components.map((name) => `../kustomize/components/${name}`),
  };
  writeFileSync(join(copy, 'own/kustomization.yaml'), stringify(kustomization));
  return 'own';
}

function rendered(copy: string, directory: string): readonly Manifest[] {
  return knowsComponents() ? kustomized(join(copy, directory)) : renderedFlat(copy, directory);
}

function renderedFlat(copy: string, directory: string): readonly Manifest[] {
  writeFileSync(join(copy, 'kustomization.yaml'), stringify(flatKustomization(copy, directory)));
  return kustomized(copy);
}

function kustomized(directory: string): readonly Manifest[] {
  const text = execFileSync('kubectl', ['kustomize', directory], { stdio: ['ignore', 'pipe', 'pipe'] });
  return parseAllDocuments(text.toString()).map((document) => object.parse(document.toJS()));
}

const daemonSet = z.object({
  spec: z.object({
    template: z.object({
      metadata: z.object({
        labels: z.record(z.string(), z.string()),
        annotations: z.record(z.string(), z.string()).optional(),
      }),
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
              appArmorProfile: z.object({ type: z.string() }).optional(),
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

type PodTemplate = z.infer<typeof daemonSet>['spec']['template'];
export type PodSpec = PodTemplate['spec'];

/** The pod that the DaemonSet of a kustomization starts on every node. */
export function podOf(directory: string): PodSpec {
  return templateOf(built(directory)).spec;
}

export function templateOf(manifests: readonly Manifest[]): PodTemplate {
  return daemonSet.parse(manifests.find(({ kind }) => kind === 'DaemonSet')).spec.template;
}
