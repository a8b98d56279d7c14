import type { Facts } from '../../evidence/facts.ts';
import { formatCidr, network, overlaps, parseCidr, type Cidr } from '../../values/cidr.ts';
import { isGlobalUnicast, parseIp } from '../../values/ip.ts';

/** The default of the bridge plugin, which flannel has too: https://www.cni.dev/plugins/current/main/bridge/ */
const BRIDGE = 'cni0';

export interface Elsewhere {
  /** `bridge cni0`, or the file. */
  readonly where: string;
  readonly network: string;
}

/**
 * Networks of pods on this machine that are apart from those that the API gave the node. None where all lie within; null where nothing on the machine
 * tells: an add-on may give addresses as it likes.
 */
export function podNetworkElsewhere(
  podCidrs: readonly string[],
  { interfaces }: Facts['interfaces'],
  files: Facts['cniFiles'] | null,
): Elsewhere[] | null {
  const given = podCidrs.flatMap((text) => parseCidr(text) ?? []);
  const here = [...bridgeNetworks(interfaces), ...configuredNetworks(files)].filter(({ cidr }) =>
    given.some(({ family }) => family === cidr.family),
  );
  if (here.length === 0) return null;
  return here
    .filter(({ cidr }) => !given.some((each) => overlaps(each, cidr)))
    .map(({ where, cidr }) => ({ where, network: formatCidr(cidr) }));
}

interface Here {
  readonly where: string;
  readonly cidr: Cidr;
}

/** A bridge that is down is left from something else. */
function bridgeNetworks(interfaces: Facts['interfaces']['interfaces']): Here[] {
  const bridge = interfaces.find(({ name, up, kind }) => name === BRIDGE && up && kind === 'bridge');
  return (bridge?.addresses ?? []).flatMap(({ address, prefix }) => {
    const ip = parseIp(address);
    return ip === null || !isGlobalUnicast(ip) ? [] : [{ where: `bridge ${BRIDGE}`, cidr: network(ip, prefix) }];
  });
}

/** Of the file that the runtime takes, whichever of them it is; only where this plugin gives addresses from networks that stand in the file. */
function configuredNetworks(files: Facts['cniFiles'] | null): Here[] {
  const { containerd, crio } = files?.choices ?? { containerd: null, crio: null };
  if (containerd?.outcome !== 'wins' || containerd.file !== crio?.file) return [];
  const chosen = files?.files.find(({ name }) => name === containerd.file);
  return (chosen?.network?.plugins ?? [])
    .filter(({ ipam }) => ipam === 'host-local')
    .flatMap(({ subnets }) => subnets.flatMap((text) => parseCidr(text) ?? []))
    .map((cidr) => ({ where: chosen?.name ?? '', cidr }));
}
