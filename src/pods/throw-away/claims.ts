import type { CniAddress, CniResult, CniRoute } from '../../cni/result.ts';
import type { Difference } from '../../evidence/pods.ts';
import { formatCidr, parseCidr } from '../../values/cidr.ts';
import { formatIp, parseIp } from '../../values/ip.ts';
import { parseMac } from '../../values/mac.ts';
import type { PodNetwork } from './pod-network.ts';

/** What the result of ADD says and the pod does not have. What the result leaves out claims nothing, but the interface that was asked for. */
export function differences(
  { interfaces, ips, routes, dns }: CniResult,
  ifname: string,
  pod: PodNetwork,
): Difference[] {
  const inside = interfaces.filter(({ sandbox }) => sandbox !== null);
  const names = [...new Set([ifname, ...inside.map(({ name }) => name)])].filter((name) => name !== 'lo');
  const isInside = ({ interface: index }: CniAddress) => index === null || interfaces[index]?.sandbox != null;
  return [
    ...names.flatMap((name) => (find(pod, name) === undefined ? lacking('interface', name) : [])),
    ...inside.flatMap(({ name, mac }) => wrongMac(mac, find(pod, name)?.mac ?? null)),
    ...inside.flatMap(({ name, mtu }) => wrongMtu(mtu, find(pod, name)?.mtu ?? null)),
    ...ips.filter(isInside).flatMap(({ address }) => wrongAddress(address, pod)),
    ...routes.flatMap((route) => wrongRoute(route, pod)),
    ...dns.nameservers.flatMap((server) => (parseIp(server) === null ? lacking('dns', server) : [])),
  ];
}

const find = ({ interfaces }: PodNetwork, wanted: string) => interfaces.find(({ name }) => name === wanted);

function lacking(what: Difference['what'], claimed: string): Difference[] {
  return [{ what, claimed, found: null }];
}

/** An interface that is not there at all is told once. */
function wrongMac(claimed: string | null, found: string | null): Difference[] {
  if (claimed === null || found === null || parseMac(claimed) === found) return [];
  return [{ what: 'mac', claimed, found }];
}

function wrongMtu(claimed: number | null, found: number | null): Difference[] {
  if (claimed === null || found === null || claimed === found) return [];
  return [{ what: 'mtu', claimed: String(claimed), found: String(found) }];
}

function wrongAddress(claimed: string, { addresses }: PodNetwork): Difference[] {
  const ip = parseIp(claimed.slice(0, claimed.lastIndexOf('/')));
  const prefix = Number(claimed.slice(claimed.lastIndexOf('/') + 1));
  const found = addresses.find((own) => own.ip.family === ip?.family && own.ip.bits === ip.bits);
  if (found === undefined) return lacking('address', claimed);
  if (found.prefixes.includes(prefix)) return [];
  return [{ what: 'address', claimed, found: `${formatIp(found.ip)}/${found.prefixes[0]}` }];
}

/** A route without a gateway leaves the choice of one to the plugin: https://www.cni.dev/docs/spec/#add-success */
function wrongRoute({ dst, gw }: CniRoute, { routes }: PodNetwork): Difference[] {
  const destination = parseCidr(dst);
  if (destination === null) return lacking('route', dst);
  const there = routes.filter((route) => formatCidr(route.destination) === formatCidr(destination));
  const wanted = gw === null ? null : parseIp(gw);
  const claimed = gw === null ? dst : `${dst} via ${gw}`;
  if (there.length === 0) return lacking('route', claimed);
  const fits = there.some(({ gateway }) => wanted === null || gateway === undefined || gateway?.bits === wanted.bits);
  if (fits) return [];
  const found = there.map(({ gateway }) => (gateway == null ? dst : `${dst} via ${formatIp(gateway)}`));
  return [{ what: 'route', claimed, found: [...new Set(found)].join(', ') }];
}
