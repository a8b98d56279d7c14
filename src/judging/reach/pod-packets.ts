import type { Node } from '../../engine/node.ts';
import type { Facts } from '../../evidence/facts.ts';
import type { Reading } from '../../evidence/reading.ts';
import type { Settings } from '../../plan/settings.ts';
import { addOns } from '../../kubernetes/add-ons.ts';
import { TUNNEL_OVERHEAD } from '../../kubernetes/cluster-interfaces.ts';
import { MTU_SETTINGS } from '../../kubernetes/mtu-settings.ts';
import { contains, parseCidr } from '../../values/cidr.ts';
import { parseIp, type Family } from '../../values/ip.ts';
import { valueOf } from '../reading.ts';

type Interface = Facts['interfaces']['interfaces'][number];

export interface MtuFacts {
  readonly interfaces: Facts['interfaces'];
  readonly routes: Facts['routes'];
  readonly cniFiles: Reading<Facts['cniFiles']>;
}

export interface MtuNode {
  readonly node: Node;
  readonly facts: MtuFacts;
}

/** The interface by which packets to an address leave: of the narrowest route, as far as the main table tells. */
export function interfaceTowards(address: string, { interfaces, routes }: MtuFacts): Interface | null {
  const ip = parseIp(address);
  if (ip === null) return null;
  const fitting = routes.routes.flatMap((route) => {
    const cidr = parseCidr(route.destination);
    return cidr !== null && contains(cidr, ip) ? [{ ...route, prefix: cidr.prefix }] : [];
  });
  const [best] = fitting.sort((a, b) => b.prefix - a.prefix || a.metric - b.metric);
  return interfaces.interfaces.find(({ name, up }) => up && name === best?.interface) ?? null;
}

/** The interface that has an address. */
export function interfaceOf({ interfaces }: Facts['interfaces'], address: string) {
  return interfaces.find(({ addresses }) => addresses.some((each) => each.address === address)) ?? null;
}

/** The largest packets that the pod network of a node puts on the wire. */
export interface PodPackets {
  /** Bytes, with the header of the encapsulation. */
  readonly wire: number;
  /** Bytes of that header. */
  readonly overhead: number;
  /** What says so: a clause. */
  readonly says: string;
}

/** By a tunnel that is there, else by the configuration that is there, else by what an add-on takes of itself from the interface. */
export function podPackets(
  uplink: Pick<Interface, 'name' | 'mtu'>,
  family: Family,
  facts: MtuFacts,
  plan: Settings,
): PodPackets {
  const addOn = plan.cni === null ? null : (addOns[plan.cni] ?? null);
  const overhead = addOn?.overhead[family] ?? 0;
  const [tunnel] = tunnelsOf(facts.interfaces, family).sort((a, b) => b.wire - a.wire);
  if (tunnel !== undefined) {
    const { name, mtu, wire } = tunnel;
    return {
      wire,
      overhead: wire - mtu,
      says: `${name} lets packets of ${mtu} bytes pass, ${wire} with its header`,
    };
  }
  const configured = configuredMtu(valueOf(facts.cniFiles));
  if (configured !== null) {
    return {
      wire: configured.mtu + overhead,
      overhead,
      says: `${configured.file} gives pods an MTU of ${configured.mtu}${overhead === 0 ? '' : `, ${configured.mtu + overhead} with the header of ${addOn?.title ?? 'the add-on'}`}`,
    };
  }
  const who = addOn === null || addOn.name === 'none' ? 'a network add-on' : addOn.title;
  return {
    wire: uplink.mtu,
    overhead,
    says: `${who} left to itself goes by the ${uplink.mtu} of ${uplink.name}`,
  };
}

/** What to set so that packets of pods fit through paths that carry `mtu` bytes: a sentence. */
export function mtuAdvice(mtu: number, family: Family, overhead: number, plan: Settings): string {
  const known = plan.cni === null ? undefined : MTU_SETTINGS[plan.cni];
  if (known !== undefined) return `Set ${known.setting} to ${known.of === 'path' ? mtu : mtu - overhead}.`;
  if (overhead > 0 || plan.cni !== null)
    return `Give pods an MTU of ${mtu - overhead} in the configuration of the network add-on.`;
  const header = family === 6 ? 'VXLAN and Geneve 70, WireGuard 80' : 'VXLAN and Geneve 50, WireGuard 60, IP-in-IP 20';
  return `Give pods an MTU of ${mtu} less what the network add-on adds (${header}).`;
}

function tunnelsOf({ interfaces }: Facts['interfaces'], family: Family): { name: string; mtu: number; wire: number }[] {
  return interfaces.flatMap(({ name, up, mtu, addresses }) => {
    const overhead = TUNNEL_OVERHEAD[name];
    const outer = name.includes('v6') ? 6 : 4;
    return overhead === undefined || outer !== family || !up || addresses.length === 0
      ? []
      : [{ name, mtu, wire: mtu + overhead }];
  });
}

/** Of the network that the runtime takes; 0 means that the plugin chooses. */
function configuredMtu(cniFiles: Facts['cniFiles'] | null): { file: string; mtu: number } | null {
  if (cniFiles === null) return null;
  const { runtime, choices, files } = cniFiles;
  const choice = runtime === 'cri-o' || runtime === 'cri-dockerd' ? choices.crio : choices.containerd;
  const file = choice.outcome === 'wins' ? files.find(({ name }) => name === choice.file) : undefined;
  const mtus = (file?.network?.plugins ?? []).flatMap(({ mtu }) => (mtu === null || mtu <= 0 ? [] : [mtu]));
  return file === undefined || mtus.length === 0 ? null : { file: file.name, mtu: Math.max(...mtus) };
}
