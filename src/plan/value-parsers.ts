import { formatCidr, parseCidr } from '../values/cidr.ts';
import { parseDuration } from '../values/duration.ts';
import { formatEndpoint, isDnsName, parseEndpoint } from '../values/endpoint.ts';
import { WIDTH, formatIp, isGlobalUnicast, parseIp } from '../values/ip.ts';
import { nearest } from '../values/nearest.ts';
import { parsePortRange, type PortRange } from '../values/port-range.ts';
import { minorOf, parseVersion } from '../values/version.ts';
import { mustBe } from './errors.ts';
import type { OutputTarget } from './settings.ts';

/** Parsers of single values: the value, or a BadValue that says what is allowed. */

export function oneOf<const T extends string>(names: readonly T[]): (text: string) => T {
  return (text) => {
    const found = names.find((name) => name === text);
    if (found !== undefined) return found;
    throw mustBe(names.length === 1 ? (names[0] ?? '') : `one of ${names.join(', ')}`, nearest(text, names));
  };
}

export const toBoolean = (text: string): boolean => {
  const value = text.toLowerCase();
  if (['true', '1', 'yes', 'on'].includes(value)) return true;
  if (['false', '0', 'no', 'off'].includes(value)) return false;
  throw mustBe('true or false', nearest(value, ['true', 'false']));
};

const toCidr = (text: string): string => {
  const cidr = parseCidr(text);
  if (cidr === null) throw mustBe('a network in CIDR form, such as 10.244.0.0/16 or fd00:10:244::/56');
  return formatCidr(cidr);
};

/** What a kubelet takes as `--node-ip`: neither unspecified, loopback, link-local nor multicast. */
export const toNodeIp = (text: string): string => {
  const ip = parseIp(text);
  if (ip === null || text.includes('%') || !isGlobalUnicast(ip)) {
    throw mustBe('an IPv4 or IPv6 address that other nodes can reach, such as 10.0.0.12');
  }
  return formatIp(ip);
};

/** kubeadm lowers the case of node names. */
export const toNodeName = (text: string): string => {
  const name = text.trim().toLowerCase();
  if (!isDnsName(name)) {
    throw mustBe('a name of lower-case letters, digits, dots and dashes that begins and ends with a letter or digit');
  }
  return name;
};

export function toEndpoint(text: string, defaultPort: number): string {
  if (text.includes('://')) throw mustBe('HOST:PORT without a scheme, such as api.example.org:6443');
  const endpoint = parseEndpoint(text, defaultPort);
  if (endpoint === null) throw mustBe('HOST:PORT, such as api.example.org:6443 or [fd00::1]:6443');
  return formatEndpoint(endpoint);
}

export const toPort = (text: string): number => {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw mustBe('a port from 1 to 65535');
  return port;
};

export const toPortRange = (text: string): PortRange => {
  // One port is no range: a 5 that was meant as 5000-5999 would go unnoticed.
  const range = text.includes('-') ? parsePortRange(text) : null;
  if (range === null) throw mustBe('FIRST-LAST with ports from 1 to 65535, such as 30000-32767');
  return range;
};

export const toKubernetesVersion = (text: string): string => {
  const version = parseVersion(text);
  // Of v1.36.0-rc.1 and v1.36.2+k3s1 the rest is part of the version, of 1.36x and 1.36.0.1 it is a slip.
  if (version?.major !== 1 || /^[^-+]/.test(version.suffix))
    throw mustBe('a version of Kubernetes, such as 1.36 or v1.36.2');
  return minorOf(version);
};

export function podCidrs(texts: readonly string[]): readonly string[] {
  return oneOfEachFamily(unique(texts.map(toCidr)));
}

/** The tenth address is that of the DNS, and the allocator has 20 bits: kubeadm's MinimumAddressesInServiceSubnet and MaximumBitsForServiceSubnet. */
const SERVICE_BITS = { least: 4, most: 20 } as const;

export function serviceCidrs(texts: readonly string[]): readonly string[] {
  const cidrs = oneOfEachFamily(unique(texts.map(toCidr)));
  for (const cidr of cidrs.map(parseCidr)) {
    const bits = cidr === null ? SERVICE_BITS.least : WIDTH[cidr.family] - cidr.prefix;
    if (bits < SERVICE_BITS.least)
      throw mustBe('a network of ten addresses or more: a /28 of IPv4, a /124 of IPv6, or wider');
    if (bits > SERVICE_BITS.most) throw mustBe('no wider than a /12 of IPv4 or a /108 of IPv6; kubeadm refuses more');
  }
  return cidrs;
}

/** Names of kubeadm's preflight; kubeadm refuses `all` beside others. */
export function ignoredNames(texts: readonly string[]): readonly string[] {
  const names = unique(texts.map(toText));
  if (names.length > 1 && names.some((name) => name.toLowerCase() === 'all')) throw mustBe('names, or all alone');
  return names;
}

export function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}

/** Standard output is for the report. */
export const toFactsFile = (text: string): string => {
  if (text === '-' || text === '/dev/stdout') {
    throw mustBe('the name of a file; `seaworthy facts` is what prints to standard output');
  }
  return toText(text);
};

/** A path of the machine that is checked; kubeadm's `unix://` in front of a socket is dropped. */
export const toAbsolutePath = (text: string): string => {
  const path = text.replace(/^unix:\/\//, '');
  if (!path.startsWith('/') || path.includes('\0')) throw mustBe('an absolute path');
  return path;
};

export const toText = (text: string): string => {
  if (text === '' || text.includes('\0')) throw mustBe('some text');
  return text;
};

export function durationBetween(least: number, most: number, said: string): (text: string) => number {
  return (text) => {
    const ms = parseDuration(text);
    if (ms === null || ms < least || ms > most) throw mustBe(`a duration from ${said}`);
    return ms;
  };
}

export function integerBetween(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
    if (value < least || value > most) throw mustBe(`a whole number from ${least} to ${most}`);
    return value;
  };
}

export function outputTarget(formats: readonly string[]): (text: string) => OutputTarget {
  const known = oneOf(formats);
  return (text) => {
    const equals = text.indexOf('=');
    const format = known(equals < 0 ? text : text.slice(0, equals));
    if (equals === text.length - 1) throw mustBe('FORMAT or FORMAT=FILE');
    return { format, file: equals < 0 ? null : text.slice(equals + 1) };
  };
}

/** At most one value of each address family, as Kubernetes takes service networks and node addresses. */
export function oneOfEachFamily(values: readonly string[]): readonly string[] {
  const families = values.map((value) => (value.includes(':') ? 6 : 4));
  if (new Set(families).size < families.length) throw mustBe('at most one IPv4 and one IPv6 value');
  return values;
}
