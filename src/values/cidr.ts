import { WIDTH, formatIp, parseIp, type Family, type Ip } from './ip.ts';

/** A network: `base` has no host bits. */
export interface Cidr {
  readonly family: Family;
  readonly base: bigint;
  readonly prefix: number;
}

/** Parses `10.0.0.0/8` or `fd00::/48`; host bits are dropped. Null when the text is none. */
export function parseCidr(text: string): Cidr | null {
  const slash = text.lastIndexOf('/');
  if (slash < 0) return null;
  const ip = parseIp(text.slice(0, slash));
  const prefix = text.slice(slash + 1);
  if (ip === null || text.includes('%') || !/^(?:0|[1-9]\d{0,2})$/.test(prefix) || Number(prefix) > WIDTH[ip.family])
    return null;
  return network(ip, Number(prefix));
}

/** The network of `prefix` bits that holds `ip`. */
export function network(ip: Ip, prefix: number): Cidr {
  const host = BigInt(WIDTH[ip.family] - prefix);
  return { family: ip.family, base: (ip.bits >> host) << host, prefix };
}

export function formatCidr(cidr: Cidr): string {
  return `${formatIp({ family: cidr.family, bits: cidr.base })}/${cidr.prefix}`;
}

export function contains(cidr: Cidr, ip: Ip): boolean {
  return ip.family === cidr.family && network(ip, cidr.prefix).base === cidr.base;
}

/** Two networks overlap when the wider one holds the other. */
export function overlaps(a: Cidr, b: Cidr): boolean {
  const [wide, narrow] = a.prefix <= b.prefix ? [a, b] : [b, a];
  return contains(wide, { family: narrow.family, bits: narrow.base });
}
