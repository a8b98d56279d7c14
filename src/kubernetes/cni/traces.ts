import type { NetworkList } from './config-list.ts';

/**
 * What the reference plugins make on a host, from https://github.com/containernetworking/plugins, releases 0.8 to 1.7. Chains and tables of the
 * firewall that are the same for all pods stay when the last pod goes, and so does the bridge.
 */

/** Chains for all pods: of portmap, then of firewall. Of administrators is what stands in CNI-ADMIN. */
export const SHARED_CHAINS: readonly string[] = [
  'CNI-HOSTPORT-SETMARK',
  'CNI-HOSTPORT-MASQ',
  'CNI-HOSTPORT-SNAT',
  'CNI-HOSTPORT-DNAT',
  'CNI-FORWARD',
  'CNI-ADMIN',
  'CNI-ISOLATION-STAGE-1',
  'CNI-ISOLATION-STAGE-2',
];

/** Of those, the ones in which each rule is about one pod, or is an administrator's. */
export const CHAINS_OF_PODS: readonly string[] = ['CNI-HOSTPORT-DNAT', 'CNI-FORWARD', 'CNI-ADMIN'];

/** Every chain of the plugins begins like this. */
export const CHAIN_PREFIX = 'CNI-';

/** Chains of one pod: that of ipMasq, and those of portmap. Behind the prefix comes a hash, and no name is longer than a legacy chain may be. */
export const POD_CHAIN_PREFIXES: readonly string[] = ['CNI-', 'CNI-DN-', 'CNI-SN-'];
export const CHAIN_NAME_LENGTH = 28;

/** The interface by which `bandwidth` shapes what a pod sends, named like a chain. */
export const SHAPER_PREFIX = 'bwp';
export const SHAPER_NAME_LENGTH = 15;

/** Tables that the plugins share with others, by iptables or, for `macspoofchk` of bridge, by nft. */
export const SHARED_TABLES: readonly { readonly family: string; readonly table: string }[] = [
  { family: 'ip', table: 'nat' },
  { family: 'ip6', table: 'nat' },
  { family: 'ip', table: 'filter' },
  { family: 'ip6', table: 'filter' },
  { family: 'bridge', table: 'nat' },
];

/** Tables of their own since 1.6: `cni_hostport`, `cni_plugins_masquerade`. A rule about a pod names it in its comment. */
export const OWN_TABLE_PREFIX = 'cni_';

/** Whether the reference plugins of a chain write rules. portmap writes none where there are no ports to map. */
export function writesRules({ plugins }: NetworkList): boolean {
  return plugins.some(
    ({ type, raw }) =>
      type === 'firewall' || objectsIn(raw).some(({ ipMasq, macspoofchk }) => ipMasq === true || macspoofchk === true),
  );
}

/** Bridges that the chain makes where they are not there: those that it names, or the plugin's own choice. */
export function bridgesOf({ plugins }: NetworkList): string[] {
  const named = plugins.flatMap(({ type, raw }) => {
    const bridges = objectsIn(raw).filter((each) => each['type'] === 'bridge' || typeof each['bridge'] === 'string');
    if (bridges.length === 0) return type === 'flannel' ? ['cni0'] : [];
    return bridges.map(({ bridge }) => (typeof bridge === 'string' ? bridge : 'cni0'));
  });
  return [...new Set(named)];
}

/** Directories of files about pods: host-local's reservations, and what flannel and tuning remember until DEL. */
export function dataDirectoriesOf({ name, plugins }: NetworkList): string[] {
  const found = plugins.flatMap(({ type, raw }) => {
    const hostLocal = objectsIn(raw).filter((each) => each['type'] === 'host-local');
    const reservations = hostLocal.map(({ dataDir }) => `${pathOr(dataDir, '/var/lib/cni/networks')}/${name}`);
    if (type === 'tuning') return [...reservations, pathOr(raw['dataDir'], '/run/cni/tuning')];
    if (type !== 'flannel') return reservations;
    const ofDelegate = reservations.length > 0 ? reservations : [`/var/lib/cni/networks/${name}`];
    return [...ofDelegate, pathOr(raw['dataDir'], '/var/lib/cni/flannel')];
  });
  return [...new Set(found)];
}

/** Files of host-local that are about no pod. */
export function isSharedFile(name: string): boolean {
  return name === 'lock' || name.startsWith('last_reserved_ip.');
}

/** An absolute path without a slash at its end. */
function pathOr(said: unknown, otherwise: string): string {
  return typeof said === 'string' && said.startsWith('/') ? said.replace(/\/+$/, '') : otherwise;
}

/** Of any depth: plugins call others with parts of what they are given. */
function objectsIn(value: unknown): Readonly<Record<string, unknown>>[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn);
  if (typeof value !== 'object' || value === null) return [];
  const own = Object.fromEntries(Object.entries(value));
  return [own, ...Object.values(own).flatMap(objectsIn)];
}
