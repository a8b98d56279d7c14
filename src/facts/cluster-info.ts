import * as z from 'zod';
import type { JoinCommand } from '../plan/settings.ts';
import type { System } from '../system/system.ts';
import { publicKeyPin, readBundle } from '../values/certificate.ts';
import { detachedJwsHolds } from '../values/detached-jws.ts';
import { formatEndpoint, parseEndpoint, type Endpoint } from '../values/endpoint.ts';
import { jsonOf } from '../values/json.ts';
import { parseYaml } from '../values/yaml.ts';
import { defineFact, type FactContext } from './define-fact.ts';
import { attempted, attemptSignal } from './parts/network-failure.ts';

const schema = () =>
  z
    .object({
      endpoint: z.string().describe('HOST:PORT that was asked'),
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
      advertised: z
        .object({
          resolve: z.string().describe('resolved, or the code of the failure'),
          connect: z.string().nullable().describe('connected, or the code of the failure; null when it was not tried'),
          request: z.string().nullable().describe('answered, trusting those CAs alone, or the code of the failure'),
        })
        .nullable()
        .describe('the server that cluster-info names; null when it is the endpoint, or was not tried'),
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

/** A name with more addresses than this is no API server's. */
const MOST_ADDRESSES = 16;

const configMap = z.object({ data: z.record(z.string(), z.string()) });
const kubeconfig = z.object({
  clusters: z
    .array(z.object({ cluster: z.object({ server: z.string().optional(), 'certificate-authority-data': z.string() }) }))
    .min(1),
});

export default defineFact({
  title: 'cluster-info, as kubeadm join would see it',
  schema,
  // cluster-info; then, of the server that it names: name, connection, request.
  attempts: 4,
  read: async (system, context) => {
    const { signal } = context;
    const { join } = context.plan;
    if (join === null) return null;
    const url = `https://${join.endpoint}${PATH}`;
    // Nothing is known of the server yet: nothing but the question is sent, and no token ever.
    const asked = await attempted(signal, system.network.http({ url, limit: LIMIT, signal: attemptSignal(context) }));
    const nothing: ClusterInfo = {
      endpoint: join.endpoint,
      request: 'code' in asked ? asked.code : 'answered',
      status: 'code' in asked ? null : asked.result.status,
      content: null,
      server: null,
      caPins: [],
      pinMatches: null,
      serverChainsToCa: null,
      advertised: null,
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
    // Where something that anybody may have answered sends us is asked only when the line vouches for it.
    const other = pinMatches === true || seen.tokenSignature === 'valid' ? otherServer(server, join) : null;
    const [again, advertised] = await Promise.all([
      attempted(signal, system.network.http({ url, ca, limit: LIMIT, signal: attemptSignal(context) })),
      other === null ? null : tryServer(system, other, ca, context),
    ]);
    return { ...seen, serverChainsToCa: 'code' in again ? again.code : 'yes', advertised };
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

/** The server that cluster-info names, when it is not the endpoint of the line: after discovery kubeadm talks to that one alone. */
function otherServer(server: string | null, { endpoint }: JoinCommand): Endpoint | null {
  if (server === null || !URL.canParse(server)) return null;
  const url = new URL(server);
  const named = parseEndpoint(url.host, url.protocol === 'https:' ? 443 : 80);
  const known = parseEndpoint(endpoint, 6443);
  return named === null || (known !== null && formatEndpoint(named) === formatEndpoint(known)) ? null : named;
}

/** In steps, so that a name, a way and a certificate that are wrong can be told apart. Sent is what was asked of the endpoint. */
async function tryServer(
  { network }: System,
  server: Endpoint,
  ca: string,
  context: FactContext,
): Promise<NonNullable<ClusterInfo['advertised']>> {
  const found = await attempted(context.signal, network.resolve(server.host, attemptSignal(context)));
  if ('code' in found) return { resolve: found.code, connect: null, request: null };
  const connects = await Promise.all(
    found.result.slice(0, MOST_ADDRESSES).map(async (host) => {
      const tried = await attempted(
        context.signal,
        network.connect({ host, port: server.port }, attemptSignal(context)),
      );
      if ('code' in tried) return tried.code;
      return tried.result.outcome === 'connected' ? 'connected' : tried.result.code;
    }),
  );
  const connect = connects.find((code) => code === 'connected') ?? connects[0] ?? null;
  if (connect !== 'connected') return { resolve: 'resolved', connect, request: null };
  const url = `https://${formatEndpoint(server)}${PATH}`;
  const asked = await attempted(
    context.signal,
    network.http({ url, ca, limit: LIMIT, signal: attemptSignal(context) }),
  );
  return { resolve: 'resolved', connect, request: 'code' in asked ? asked.code : 'answered' };
}

/** kubeadm compares what the token's secret makes of the kubeconfig with what the cluster published under the token's id. */
function tokenSignature({ token }: JoinCommand, data: Found['data']): ClusterInfo['tokenSignature'] {
  const [id, secret] = token?.split('.') ?? [];
  if (id === undefined || secret === undefined) return null;
  const signature = data[`jws-kubeconfig-${id}`];
  if (signature === undefined) return 'absent';
  return detachedJwsHolds(signature, data['kubeconfig'] ?? '', id, secret) ? 'valid' : 'invalid';
}
