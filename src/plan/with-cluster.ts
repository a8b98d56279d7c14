import type { Facts } from '../evidence/facts.ts';
import { contains, parseCidr } from '../values/cidr.ts';
import { formatEndpoint } from '../values/endpoint.ts';
import { CONTROL_PORT } from '../values/control-port.ts';
import { BadValue } from './errors.ts';
import { ORIGINS } from './layers.ts';
import { peerNames } from './peer-name.ts';
import type { PeerName, Plan, Settings } from './settings.ts';
import { toEndpoint, toKubernetesVersion } from './value-parsers.ts';

/** What the API told; null is what it did not. */
export interface ToldOfCluster {
  readonly networks: Facts['clusterNetworks'];
  /** Nodes that are to be peers: none where nobody gave a token. */
  readonly peers: NonNullable<Facts['clusterNodes']>;
}

/** The plan with what the API of the cluster tells, where nobody said otherwise. */
export function withCluster(plan: Plan, told: ToldOfCluster): Plan {
  const said = Object.entries(settingsOf(told)).filter(([key]) => isWeaker(key, plan));
  return {
    settings: { ...plan.settings, ...Object.fromEntries(said) },
    origins: { ...plan.origins, ...Object.fromEntries(said.map(([key]) => [key, 'cluster' as const])) },
  };
}

function isWeaker(key: string, { origins }: Plan): boolean {
  const origin = Object.entries(origins).find(([name]) => name === key)?.[1];
  return origin !== undefined && ORIGINS.indexOf(origin) < ORIGINS.indexOf('cluster');
}

function settingsOf({ networks, peers }: ToldOfCluster): Partial<Settings> {
  const version = orNull(networks?.version ?? null, toKubernetesVersion);
  const endpoint = orNull(networks?.controlPlaneEndpoint ?? null, (text) => toEndpoint(text, API_SERVER_PORT));
  const podCidr = apart(networks?.podCidrs ?? []);
  const serviceCidr = apart(networks?.serviceCidrs ?? []);
  const names = peers.flatMap((node) => peerOf(node) ?? []);
  return {
    ...(version === null ? {} : { kubernetesVersion: version }),
    ...(endpoint === null ? {} : { controlPlaneEndpoint: endpoint }),
    ...(podCidr.length === 0 ? {} : { podCidr }),
    ...(serviceCidr.length === 0 ? {} : { serviceCidr }),
    ...(names.length === 0 ? {} : { peers: names }),
  };
}

const API_SERVER_PORT = 6443;

/** What an API tells in a form that no flag would take is as if it had not told it. */
function orNull<T>(text: string | null, parse: (text: string) => T): T | null {
  if (text === null || text === '') return null;
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof BadValue) return null;
    throw error;
  }
}

/** Ranges of Services may lie within each other on purpose: the widest stand for all. */
function apart(texts: readonly string[]): string[] {
  const all = [...new Set(texts)].flatMap((text) => {
    const cidr = parseCidr(text);
    return cidr === null ? [] : [{ text, cidr }];
  });
  const isWithin = (inner: (typeof all)[number]) =>
    all.some(
      ({ text, cidr }) =>
        text !== inner.text &&
        cidr.prefix <= inner.cidr.prefix &&
        contains(cidr, { family: inner.cidr.family, bits: inner.cidr.base }),
    );
  return all.filter((each) => !isWithin(each)).map(({ text }) => text);
}

/** Its role is taken from the label that kubeadm and others give control planes; any other node tells its role itself. */
function peerOf({ internalIps, roles, deleting }: ToldOfCluster['peers'][number]): PeerName | null {
  const [host] = internalIps;
  if (host === undefined || deleting) return null;
  const endpoint = formatEndpoint({ host, port: CONTROL_PORT }).replace(/:\d+$/, '');
  // `master` until Kubernetes 1.24: https://kubernetes.io/docs/reference/labels-annotations-taints/#node-role-kubernetes-io-control-plane
  const isControlPlane = roles.some((role) => role === 'control-plane' || role === 'master');
  const [name] = orNull(`${isControlPlane ? 'control-plane@' : ''}${endpoint}`, (text) => peerNames([text])) ?? [];
  return name ?? null;
}
