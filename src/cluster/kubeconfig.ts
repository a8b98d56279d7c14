import type { System } from '../system/system.ts';
import { isPem } from '../values/pem.ts';
import { parseYaml } from '../values/yaml.ts';
import { badKubeconfig, type Access, type Trust } from './access.ts';
import { credentialsOf } from './credentials.ts';
import { besideKubeconfig, readSecret } from './kubeconfig-files.ts';
import { kubeconfigSchema, type KubeconfigCluster, type KubeconfigUser } from './kubeconfig-schema.ts';
import { proxyOf } from './proxy.ts';

/** They hold certificates of a few clusters: kubectl's own limit is far above. Bytes. */
const LIMIT = 1024 * 1024;

/** How a kubeconfig reaches its cluster, by its current context. Nothing is sent yet, no program is run. Throws a SystemError, one sentence that names no secret. */
export async function kubeconfigAccess(system: System, path: string): Promise<Access> {
  const { cluster, user } = await currentContext(await system.readText(path, LIMIT));
  const server = serverOf(cluster.server);
  const trust = await trustOf(system, path, cluster);
  return {
    server,
    trust,
    proxy: proxyOf(server, cluster['proxy-url'] ?? null, system.environment),
    credentials: await credentialsOf(system, { path, user, cluster, trust }),
  };
}

async function currentContext(text: string): Promise<{ cluster: KubeconfigCluster; user: KubeconfigUser }> {
  const parsed = kubeconfigSchema.safeParse((await parseYaml(text))?.document);
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path.map(String).join('.') ?? '';
    throw badKubeconfig(`it is no kubeconfig${path === '' ? '' : ` (see ${path})`}`);
  }
  const { clusters, users, contexts, 'current-context': current } = parsed.data;
  if (current == null || current === '')
    throw badKubeconfig('it has no current-context; `kubectl config use-context NAME` sets one');
  const context = contexts?.find(({ name }) => name === current)?.context;
  if (context === undefined) throw badKubeconfig('its current-context names a context that it does not have');
  const cluster = clusters?.find(({ name }) => name === context.cluster)?.cluster;
  if (cluster === undefined) throw badKubeconfig('its current context names a cluster that it does not have');
  const user = users?.find(({ name }) => name === context.user);
  if (user === undefined && (context.user ?? '') !== '')
    throw badKubeconfig('its current context names a user that it does not have');
  return { cluster, user: user?.user ?? {} };
}

function serverOf(text: string): URL {
  const whole = /^[a-z]+:\/\//i.test(text) ? text : `https://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : null;
  if (url === null || !['https:', 'http:'].includes(url.protocol) || url.username !== '')
    throw badKubeconfig('the server of its cluster is no URL as https://HOST:PORT');
  return url;
}

async function trustOf(system: System, path: string, cluster: KubeconfigCluster): Promise<Trust> {
  const verify = cluster['insecure-skip-tls-verify'] !== true;
  const servername = nonEmpty(cluster['tls-server-name']);
  const data = nonEmpty(cluster['certificate-authority-data']);
  const file = nonEmpty(cluster['certificate-authority']);
  if (!verify && (data ?? file) !== null)
    throw badKubeconfig('it names a certificate authority and says insecure-skip-tls-verify, of which one can hold');
  // As in client-go data count more than a file.
  const ca =
    data === null
      ? file && (await readSecret(system, besideKubeconfig(path, file)))
      : Buffer.from(data, 'base64').toString('latin1');
  if (ca !== null && !isPem(ca, 'CERTIFICATE'))
    throw badKubeconfig('its certificate authority is no certificate in PEM form');
  return { ca, verify, servername };
}

function nonEmpty(text: string | null | undefined): string | null {
  return text == null || text === '' ? null : text;
}
