import { parseIp } from '../values/ip.ts';
import { BadValue, PlanError } from './errors.ts';
import { toExternalEtcd } from './external-etcd.ts';
import { impliedBy, toJoinEndpoint, toPin, tokenFrom } from './join.ts';
import type {
  ClusterConfiguration,
  ExtraArgs,
  InitConfiguration,
  JoinConfiguration,
  NodeRegistration,
} from './kubeadm-documents.ts';
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

/** Parses one value of a document; what is absent or empty is not said, and an error knows its place. */
type Read = <T>(
  path: readonly string[],
  value: string | number | null | undefined,
  parse: (text: string) => T,
  say: (value: T) => Partial<Settings>,
) => Partial<Settings>;

export function reader(document: YamlDocument): Read {
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

export function clusterSettings(
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

export function initSettings({ localAPIEndpoint, nodeRegistration }: InitConfiguration, read: Read): Partial<Settings> {
  return {
    role: ['control-plane'],
    stage: 'fresh',
    ...apiEndpoint(localAPIEndpoint, ['localAPIEndpoint'], read),
    ...registration(nodeRegistration, read),
  };
}

export function joinSettings(
  { nodeRegistration, controlPlane, discovery }: JoinConfiguration,
  read: Read,
): Partial<Settings> {
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
export function proxySettings(mode: string | null | undefined, read: Read): Partial<Settings> {
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
