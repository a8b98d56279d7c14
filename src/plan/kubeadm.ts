import type * as z from 'zod';
import { nearest } from '../values/nearest.ts';
import { parseIp } from '../values/ip.ts';
import { BadValue, PlanError, quoted } from './errors.ts';
import { toExternalEtcd } from './external-etcd.ts';
import { impliedBy, toJoinEndpoint, toPin, tokenFrom } from './join.ts';
import {
  clusterConfiguration,
  initConfiguration,
  joinConfiguration,
  kubeletConfiguration,
  proxyConfiguration,
  type ClusterConfiguration,
  type ExtraArgs,
  type InitConfiguration,
  type JoinConfiguration,
  type NodeRegistration,
} from './kubeadm-documents.ts';
import { requireFormOfArguments, unknownKeys } from './kubeadm-strictness.ts';
import { toKubeletConfiguration } from './kubelet-configuration.ts';
import { atCommas } from './layers.ts';
import type { Settings } from './settings.ts';
import {
  ignoredNames,
  oneOf,
  podCidrs,
  serviceCidrs,
  toAbsolutePath,
  toEndpoint,
  toKubernetesVersion,
  toNodeIp,
  toNodeName,
  toPort,
  toPortRange,
} from './value-parsers.ts';
import type { YamlDocument } from './yaml-documents.ts';

/** A document that says what it is. */
export interface KindDocument {
  readonly document: YamlDocument;
  readonly apiVersion: string;
  readonly kind: string;
}

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
  const heeded = kinds.includes('JoinConfiguration')
    ? documents.filter((each) => !isPassedOver(each, warn))
    : documents;
  return Object.assign(role, ...heeded.map((each) => settingsOf(each, bindPort)));
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

/** Parses one value of a document; what is absent or empty is not said, and an error knows its place. */
type Read = <T>(
  path: readonly string[],
  value: string | number | null | undefined,
  parse: (text: string) => T,
  say: (value: T) => Partial<Settings>,
) => Partial<Settings>;

function reader(document: YamlDocument): Read {
  return (path, value, parse, say) => {
    if (value === null || value === undefined || value === '') return {};
    try {
      return say(parse(String(value)));
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      throw new PlanError('bad-value', `${document.at(path)} ${path.join('.')}`, error.message, error);
    }
  };
}

function clusterSettings(
  { kubernetesVersion, controlPlaneEndpoint, networking, apiServer, etcd }: ClusterConfiguration,
  read: Read,
  bindPort: number,
): Partial<Settings> {
  const external = etcd?.external;
  return {
    ...read(['kubernetesVersion'], kubernetesVersion, toVersion, (version) =>
      version === null ? {} : { kubernetesVersion: version },
    ),
    ...read(
      ['networking', 'podSubnet'],
      networking?.podSubnet,
      (text) => podCidrs(atCommas(text)),
      (podCidr) => ({ podCidr }),
    ),
    ...read(
      ['networking', 'serviceSubnet'],
      networking?.serviceSubnet,
      (text) => serviceCidrs(atCommas(text)),
      (serviceCidr) => ({ serviceCidr }),
    ),
    ...read(
      ['controlPlaneEndpoint'],
      controlPlaneEndpoint,
      (text) => toEndpoint(text, bindPort),
      (endpoint) => ({ controlPlaneEndpoint: endpoint }),
    ),
    ...read(
      ['apiServer', 'extraArgs'],
      argument(apiServer?.extraArgs, 'service-node-port-range'),
      toPortRange,
      (nodePortRange) => ({ nodePortRange }),
    ),
    ...read(['etcd', 'local', 'dataDir'], etcd?.local?.dataDir, toAbsolutePath, (etcdDataDir) => ({ etcdDataDir })),
    ...(external === null || external === undefined
      ? {}
      : read(
          ['etcd', 'external'],
          'external',
          () => toExternalEtcd(external),
          (externalEtcd) => ({ etcd: 'external', externalEtcd }),
        )),
  };
}

function initSettings({ localAPIEndpoint, nodeRegistration }: InitConfiguration, read: Read): Partial<Settings> {
  return {
    role: ['control-plane'],
    stage: 'fresh',
    ...apiEndpoint(localAPIEndpoint, ['localAPIEndpoint'], read),
    ...registration(nodeRegistration, read),
  };
}

function joinSettings({ nodeRegistration, controlPlane, discovery }: JoinConfiguration, read: Read): Partial<Settings> {
  const joins = controlPlane !== null && controlPlane !== undefined;
  const bootstrap = discovery.bootstrapToken;
  const path = ['discovery', 'bootstrapToken'];
  return {
    role: [joins ? 'control-plane' : 'worker'],
    stage: 'fresh',
    ...(bootstrap === null || bootstrap === undefined
      ? {}
      : read(
          path,
          'bootstrapToken',
          () => ({
            endpoint: toJoinEndpoint(bootstrap.apiServerEndpoint ?? ''),
            token: tokenFrom(bootstrap.token ?? null),
            caCertHashes: (bootstrap.caCertHashes ?? []).map(toPin),
            unsafeSkipCaVerification: bootstrap.unsafeSkipCAVerification ?? false,
            controlPlane: joins,
          }),
          (join) => ({ join, ...impliedBy(join) }),
        )),
    ...apiEndpoint(controlPlane?.localAPIEndpoint, ['controlPlane', 'localAPIEndpoint'], read),
    ...registration(nodeRegistration, read),
  };
}

/** An empty mode is the default of the version; `userspace` is gone since 1.26. */
function proxySettings(mode: string | null | undefined, read: Read): Partial<Settings> {
  return read(['mode'], mode, oneOf(['iptables', 'ipvs', 'nftables']), (proxyMode) => ({ proxyMode }));
}

function apiEndpoint(
  given: InitConfiguration['localAPIEndpoint'],
  path: readonly string[],
  read: Read,
): Partial<Settings> {
  return {
    ...read([...path, 'advertiseAddress'], given?.advertiseAddress, toNodeIp, (advertiseAddress) => ({
      advertiseAddress,
    })),
    ...read([...path, 'bindPort'], given?.bindPort, toPort, (apiServerPort) => ({ apiServerPort })),
  };
}

function registration(given: NodeRegistration, read: Read): Partial<Settings> {
  const path = ['nodeRegistration'];
  const ignored = given?.ignorePreflightErrors ?? [];
  return {
    ...read([...path, 'criSocket'], given?.criSocket, toAbsolutePath, (criSocket) => ({ criSocket })),
    ...read([...path, 'name'], given?.name, toNodeName, (nodeName) => ({ nodeName })),
    ...read(
      [...path, 'ignorePreflightErrors'],
      ignored.join(','),
      (text) => ignoredNames(atCommas(text)),
      (ignorePreflightErrors) => ({ ignorePreflightErrors }),
    ),
    ...read([...path, 'kubeletExtraArgs'], argument(given?.kubeletExtraArgs, 'node-ip'), toNodeIps, (nodeIp) =>
      nodeIp.length === 0 ? {} : { nodeIp },
    ),
  };
}

/** The kubelet takes `0.0.0.0` and `::` for "of this family, whichever": they name no address. */
function toNodeIps(text: string): string[] {
  return atCommas(text).flatMap((part) => (parseIp(part)?.bits === 0n ? [] : [toNodeIp(part)]));
}

/** Labels such as `stable-1` wait for the network to become a version; `stable-1.36` says the minor already. */
function toVersion(text: string): string | null {
  const labelled = /^(?:ci\/|k8s-)?(?:stable|latest)(?:-(\d+\.\d+))?/.exec(text);
  if (labelled !== null) return labelled[1] === undefined ? null : toKubernetesVersion(labelled[1]);
  return text.startsWith('ci/') ? null : toKubernetesVersion(text);
}

function argument(args: ExtraArgs, name: string): string | number | null {
  if (args === null || args === undefined) return null;
  // Of pairs with one name the last one counts, as on a command line.
  if (Array.isArray(args)) return args.findLast((pair) => pair.name === name)?.value ?? null;
  return Object.entries(args).find(([key]) => key === name)?.[1] ?? null;
}
