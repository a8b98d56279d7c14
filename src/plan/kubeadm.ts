import type * as z from 'zod';
import { DEFAULT_SERVICE_SUBNET } from '../kubernetes/kubeadm-configuration.ts';
import { nearest } from '../values/nearest.ts';
import { PlanError, quoted } from './errors.ts';
import type { KindDocument } from './kind-document.ts';
import {
  clusterConfiguration,
  initConfiguration,
  joinConfiguration,
  kubeletConfiguration,
  proxyConfiguration,
} from './kubeadm-documents.ts';
import { clusterSettings, initSettings, joinSettings, proxySettings, reader } from './kubeadm-settings.ts';
import { requireFormOfArguments, unknownKeys } from './kubeadm-strictness.ts';
import { toKubeletConfiguration } from './kubelet-configuration.ts';
import type { Settings } from './settings.ts';
import type { YamlDocument } from './yaml-documents.ts';

const GROUP = 'kubeadm.k8s.io/';
const VERSIONS = ['v1beta2', 'v1beta3', 'v1beta4'].map((version) => GROUP + version);
const KINDS = [
  'ClusterConfiguration',
  'InitConfiguration',
  'JoinConfiguration',
  'KubeletConfiguration',
  'KubeProxyConfiguration',
] as const;
/** Those of other groups than kubeadm's own: their versions are not looked at. */
const OF_COMPONENTS = ['KubeletConfiguration', 'KubeProxyConfiguration'];
/** May stand in the same file; nothing of them is used. */
const SILENT = ['ClusterStatus', 'ResetConfiguration', 'UpgradeConfiguration'];
const API_SERVER_PORT = 6443;

/** What kubeadm's own documents say, in the words of the settings; `warn` hears of what kubeadm passes over. */
export function kubeadmSettings(
  documents: readonly KindDocument[],
  name: string,
  warn: (sentence: string) => void,
): Partial<Settings> {
  const kinds = documents.map(({ kind }) => kind);
  if (kinds.includes('InitConfiguration') && kinds.includes('JoinConfiguration')) {
    throw new PlanError(
      'conflict',
      name,
      'holds an InitConfiguration and a JoinConfiguration; a node does one of the two',
    );
  }
  const said = documents.map((each) => settingsOf(each));
  for (const sentence of documents.flatMap(unknownKeys)) warn(sentence);
  // An endpoint without a port has that of this node's own API server.
  const bindPort = said.find(({ apiServerPort }) => apiServerPort !== undefined)?.apiServerPort ?? API_SERVER_PORT;
  // A ClusterConfiguration is what `kubeadm init` is given: of the three it tells the role only where no other does.
  const role: Partial<Settings> = kinds.includes('ClusterConfiguration') ? { role: ['control-plane'] } : {};
  // What is absent there `kubeadm init` fills in; a node that joins a cluster has that of the cluster.
  const filledIn: Partial<Settings> =
    kinds.includes('ClusterConfiguration') && !kinds.includes('JoinConfiguration')
      ? { serviceCidr: [DEFAULT_SERVICE_SUBNET] }
      : {};
  const heeded = kinds.includes('JoinConfiguration')
    ? documents.filter((each) => !isPassedOver(each, warn))
    : documents;
  return Object.assign(filledIn, role, ...heeded.map((each) => settingsOf(each, bindPort)));
}

/** A node that joins takes the kubelet's configuration from its cluster. */
function isPassedOver({ document, kind }: KindDocument, warn: (sentence: string) => void): boolean {
  if (kind !== 'KubeletConfiguration') return false;
  warn(`${document.at(['kind'])}: kubeadm join passes over a KubeletConfiguration; the cluster has that of its nodes`);
  return true;
}

function settingsOf({ document, apiVersion, kind }: KindDocument, bindPort = API_SERVER_PORT): Partial<Settings> {
  if (SILENT.includes(kind)) return {};
  const known = KINDS.find((each) => each === kind);
  if (known === undefined) {
    throw new PlanError('unknown-document', document.at(['kind']), `kind ${quoted(kind)} is none that is read here`, {
      allowed: KINDS.join(', '),
      nearest: nearest(kind, KINDS),
    });
  }
  if (!OF_COMPONENTS.includes(known) && !VERSIONS.includes(apiVersion)) {
    throw new PlanError(
      'unknown-document',
      document.at(['apiVersion']),
      `apiVersion must be one of ${VERSIONS.join(', ')}`,
      {
        allowed: VERSIONS.join(', '),
        nearest: nearest(apiVersion, VERSIONS),
      },
    );
  }
  requireFormOfArguments({ document, apiVersion, kind });
  const read = reader(document);
  switch (known) {
    case 'ClusterConfiguration':
      return clusterSettings(shaped(clusterConfiguration, document, kind), read, bindPort);
    case 'InitConfiguration':
      return initSettings(shaped(initConfiguration, document, kind), read);
    case 'JoinConfiguration':
      return joinSettings(shaped(joinConfiguration, document, kind), read);
    case 'KubeletConfiguration':
      return { kubeletConfiguration: toKubeletConfiguration(shaped(kubeletConfiguration, document, kind)) };
    case 'KubeProxyConfiguration':
    default:
      return proxySettings(shaped(proxyConfiguration, document, kind).mode, read);
  }
}

function shaped<T>(schema: z.ZodType<T>, document: YamlDocument, kind: string): T {
  const parsed = schema.safeParse(document.value);
  if (parsed.success) return parsed.data;
  const path = parsed.error.issues[0]?.path ?? [];
  throw new PlanError('bad-value', `${document.at(path)} ${path.join('.')}`, `is not what a ${kind} has there`);
}
