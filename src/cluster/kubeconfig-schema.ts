import * as z from 'zod';

/** Go reads null as not said. */
const text = () => z.string().nullish();

const exec = z.object({
  apiVersion: z.string(),
  command: z.string().min(1),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string().min(1), value: z.string() })).nullish(),
  installHint: text(),
  provideClusterInfo: z.boolean().nullish(),
  interactiveMode: z.enum(['Never', 'IfAvailable', 'Always']).nullish(),
});

const cluster = z.object({
  server: z.string(),
  'certificate-authority': text(),
  'certificate-authority-data': text(),
  'insecure-skip-tls-verify': z.boolean().nullish(),
  'tls-server-name': text(),
  'proxy-url': text(),
  extensions: z.array(z.object({ name: z.string(), extension: z.unknown() })).nullish(),
});

const user = z.object({
  'client-certificate': text(),
  'client-certificate-data': text(),
  'client-key': text(),
  'client-key-data': text(),
  token: text(),
  tokenFile: text(),
  username: text(),
  password: text(),
  exec: exec.nullish(),
  as: text(),
  'auth-provider': z.unknown().optional(),
});

/** What of a kubeconfig is used: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/ */
export const kubeconfigSchema = z.object({
  kind: z.literal('Config').nullish(),
  apiVersion: z.literal('v1').nullish(),
  clusters: z.array(z.object({ name: z.string(), cluster })).nullish(),
  users: z.array(z.object({ name: z.string(), user: user.nullish() })).nullish(),
  contexts: z
    .array(z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string().nullish() }) }))
    .nullish(),
  'current-context': text(),
});

export type KubeconfigCluster = z.infer<typeof cluster>;
export type KubeconfigUser = z.infer<typeof user>;
export type KubeconfigExec = z.infer<typeof exec>;
