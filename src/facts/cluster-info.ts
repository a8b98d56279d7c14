import * as z from 'zod';
import type { JoinCommand } from '../plan/settings.ts';
import { publicKeyPin, readBundle } from '../values/certificate.ts';
import { detachedJwsHolds } from '../values/detached-jws.ts';
import { jsonOf } from '../values/json.ts';
import { parseYaml } from '../values/yaml.ts';
import { defineFact } from './define-fact.ts';
import { attempted, portion } from './network-failure.ts';

const schema = () =>
  z
    .object({
      endpoint: z.string(),
      request: z.string().describe('answered, or the code of the failure'),
      status: z.number().nullable().describe('of the HTTP answer'),
      content: z
        .enum(['cluster-info', 'not-cluster-info'])
        .nullable()
        .describe('whether the answer was a cluster-info ConfigMap with a CA'),
      server: z.string().nullable().describe('where cluster-info sends nodes'),
      caPins: z.array(z.string()).describe('hashes of the public keys of the CAs that cluster-info names'),
      pinMatches: z.boolean().nullable().describe('whether one of them is pinned; null without a pin'),
      serverChainsToCa: z
        .string()
        .nullable()
        .describe(
          'yes, or the code of the failure of a second connection that trusts those CAs alone; null when it was not tried',
        ),
      tokenSignature: z
        .enum(['valid', 'invalid', 'absent'])
        .nullable()
        .describe('the signature that the token of the join line must have made; null without a token'),
    })
    .nullable()
    .describe('null when the plan has no join line');

type ClusterInfo = NonNullable<z.infer<ReturnType<typeof schema>>>;

/** Where every kubeadm cluster publishes its CA for those who want to join: https://kubernetes.io/docs/reference/setup-tools/kubeadm/implementation-details/#shared-token-discovery */
const PATH = '/api/v1/namespaces/kube-public/configmaps/cluster-info';

/** It holds one kubeconfig and a signature for each token: a few kilobytes. */
const LIMIT = 256 * 1024;

const configMap = z.object({ data: z.record(z.string(), z.string()) });
const kubeconfig = z.object({
  clusters: z
    .array(z.object({ cluster: z.object({ server: z.string().optional(), 'certificate-authority-data': z.string() }) }))
    .min(1),
});

export default defineFact({
  title: 'cluster-info, as kubeadm join would see it',
  schema,
  read: async (system, { plan, signal }) => {
    const { join } = plan;
    if (join === null) return null;
    const url = `https://${join.endpoint}${PATH}`;
    // Nothing is known of the server yet: nothing but the question is sent, and no token ever.
    const asked = await attempted(
      signal,
      system.network.http({ url, limit: LIMIT, signal: portion(signal, plan.timeout, 0.5) }),
    );
    const nothing: ClusterInfo = {
      endpoint: join.endpoint,
      request: 'code' in asked ? asked.code : 'answered',
      status: 'code' in asked ? null : asked.result.status,
      content: null,
      server: null,
      caPins: [],
      pinMatches: null,
      serverChainsToCa: null,
      tokenSignature: null,
    };
    if ('code' in asked || asked.result.status !== 200) return nothing;
    const found = await readClusterInfo(asked.result.body);
    if (found === null) return { ...nothing, content: 'not-cluster-info' };
    const { pins, ca, server, data } = found;
    const pinMatches = join.caCertHashes.length === 0 ? null : pins.some((pin) => join.caCertHashes.includes(pin));
    const seen: ClusterInfo = {
      ...nothing,
      content: 'cluster-info',
      server,
      caPins: pins,
      pinMatches,
      tokenSignature: tokenSignature(join, data),
    };
    if (pinMatches === false) return seen;
    const again = await attempted(
      signal,
      system.network.http({ url, ca, limit: LIMIT, signal: portion(signal, plan.timeout, 0.4) }),
    );
    return { ...seen, serverChainsToCa: 'code' in again ? again.code : 'yes' };
  },
});

interface Found {
  readonly pins: string[];
  /** PEM. */
  readonly ca: string;
  readonly server: string | null;
  readonly data: Readonly<Record<string, string>>;
}

async function readClusterInfo(body: string): Promise<Found | null> {
  const map = configMap.safeParse(jsonOf(body));
  const text = map.success ? map.data.data['kubeconfig'] : undefined;
  if (!map.success || text === undefined) return null;
  const config = kubeconfig.safeParse((await parseYaml(text))?.document);
  const cluster = config.success ? config.data.clusters[0]?.cluster : undefined;
  if (cluster === undefined) return null;
  const ca = Buffer.from(cluster['certificate-authority-data'], 'base64').toString('latin1');
  const certificates = readBundle(ca);
  if (certificates === null) return null;
  return {
    pins: certificates.map(publicKeyPin).filter((pin) => pin !== null),
    ca,
    server: cluster.server ?? null,
    data: map.data.data,
  };
}

/** kubeadm compares what the token's secret makes of the kubeconfig with what the cluster published under the token's id. */
function tokenSignature({ token }: JoinCommand, data: Found['data']): ClusterInfo['tokenSignature'] {
  const [id, secret] = token?.split('.') ?? [];
  if (id === undefined || secret === undefined) return null;
  const signature = data[`jws-kubeconfig-${id}`];
  if (signature === undefined) return 'absent';
  return detachedJwsHolds(signature, data['kubeconfig'] ?? '', id, secret) ? 'valid' : 'invalid';
}
