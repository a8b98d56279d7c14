export const KINDS = [
  'physical',
  'bridge',
  'bond',
  'vlan',
  'veth',
  'vxlan',
  'macvlan',
  'tunnel',
  'dummy',
  'other',
] as const;

export type InterfaceKind = (typeof KINDS)[number];

/** What sysfs tells of an interface's making; the kernel has no one file that names its kind. */
export interface KindSigns {
  readonly index: number;
  /** ARPHRD_*. */
  readonly type: number;
  /** IFF_*. */
  readonly flags: number;
  /** The interface below it or, of a veth, its peer; it may be of another namespace. */
  readonly iflink: number | null;
  /** DEVTYPE of its uevent. */
  readonly devtype: string | null;
  /** Names in its directory. */
  readonly entries: readonly string[];
}

const ARPHRD_ETHER = 1;
/** PPP, IPIP, IP6IP6, SIT, GRE, IP6GRE and NONE (tun, WireGuard): linux/if_arp.h. */
const TUNNEL_TYPES = [512, 768, 769, 776, 778, 823, 65_534];
const IFF_NOARP = 0x80;

/** Devices name their own type in uevent, most of them. */
const BY_DEVTYPE: Readonly<Record<string, InterfaceKind>> = {
  bridge: 'bridge',
  bond: 'bond',
  vlan: 'vlan',
  veth: 'veth',
  vxlan: 'vxlan',
  macvlan: 'macvlan',
  macvtap: 'macvlan',
  ipvlan: 'macvlan',
  ipvtap: 'macvlan',
  geneve: 'tunnel',
  gretap: 'tunnel',
  ip6gretap: 'tunnel',
  wireguard: 'tunnel',
  wlan: 'physical',
};

export function kindOf(signs: KindSigns): InterfaceKind {
  const named = signs.devtype === null ? undefined : BY_DEVTYPE[signs.devtype];
  if (named !== undefined) return named;
  const has = (entry: string) => signs.entries.includes(entry);
  if (has('bridge')) return 'bridge';
  if (has('bonding')) return 'bond';
  if (has('tun_flags') || TUNNEL_TYPES.includes(signs.type)) return 'tunnel';
  if (has('device')) return 'physical';
  if (signs.type !== ARPHRD_ETHER || signs.devtype !== null) return 'other';
  // macvlan and ipvlan name no type, and are linked to what they stand on; a veth is linked to nothing, and its peer has an index.
  if (signs.iflink !== null && signs.iflink > 0 && signs.iflink !== signs.index)
    return lowerOf(signs) === null ? 'veth' : 'macvlan';
  // dummy and ifb answer no ARP and are stacked on nothing.
  return (signs.flags & IFF_NOARP) !== 0 && lowerOf(signs) === null ? 'dummy' : 'other';
}

/** The name of an interface of this namespace that it is stacked on: sysfs links to it as `lower_<name>`. */
export function lowerOf({ entries }: KindSigns): string | null {
  return entries.find((entry) => entry.startsWith('lower_'))?.slice('lower_'.length) ?? null;
}
