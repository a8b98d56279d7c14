export type Family = 4 | 6;

/** An address as a number; `family` keeps 0.0.0.1 and ::1 apart. */
export interface Ip {
  readonly family: Family;
  readonly bits: bigint;
}

export const WIDTH = { 4: 32, 6: 128 } as const;

/** Parses an IPv4 or IPv6 literal; a zone (`%eth0`) is dropped, `::ffff:a.b.c.d` stays IPv6. Null when the text is no address. */
export function parseIp(text: string): Ip | null {
  if (text.includes(':')) return parseIpv6(text.replace(/%[^%]*$/, ''));
  const bits = ipv4Bits(text);
  return bits === null ? null : { family: 4, bits };
}

function ipv4Bits(text: string): bigint | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  let bits = 0n;
  for (const part of parts) {
    // A leading zero is refused: some resolvers read it as octal, and Go's and Node's parsers refuse it too.
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return null;
    bits = (bits << 8n) | BigInt(part);
  }
  return bits;
}

function parseIpv6(text: string): Ip | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = hextets(halves[0] ?? '', halves.length === 1);
  const tail = hextets(halves[1] ?? '', true);
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  const all = [...head, ...Array<number>(missing).fill(0), ...tail];
  return { family: 6, bits: all.reduce((bits, part) => (bits << 16n) | BigInt(part), 0n) };
}

/** The 16-bit groups of one side of `::`; the last one may be an embedded IPv4 address where `mayEndInIpv4`. */
function hextets(text: string, mayEndInIpv4: boolean): number[] | null {
  if (text === '') return [];
  const groups = text.split(':');
  const out: number[] = [];
  for (const [index, group] of groups.entries()) {
    if (mayEndInIpv4 && index === groups.length - 1 && group.includes('.')) {
      const bits = ipv4Bits(group);
      if (bits === null) return null;
      out.push(Number(bits >> 16n), Number(bits & 0xffffn));
    } else if (/^[0-9a-fA-F]{1,4}$/.test(group)) {
      out.push(Number.parseInt(group, 16));
    } else {
      return null;
    }
  }
  return out;
}

/** RFC 5952 text of an address. */
export function formatIp(ip: Ip): string {
  if (ip.family === 4) return [24n, 16n, 8n, 0n].map((shift) => (ip.bits >> shift) & 0xffn).join('.');
  if (ip.bits >> 32n === 0xffffn) return `::ffff:${formatIp({ family: 4, bits: ip.bits & 0xffffffffn })}`;
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((ip.bits >> BigInt(112 - index * 16)) & 0xffffn).toString(16),
  );
  const gap = longestZeroRun(groups);
  if (gap === null) return groups.join(':');
  return `${groups.slice(0, gap.start).join(':')}::${groups.slice(gap.start + gap.length).join(':')}`;
}

/** The first longest run of two or more zero groups: RFC 5952 4.2. */
function longestZeroRun(groups: readonly string[]): { start: number; length: number } | null {
  let best: { start: number; length: number } | null = null;
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === '0') length++;
    if (length >= 2 && length > (best?.length ?? 0)) best = { start, length };
    start += length;
  }
  return best;
}

/** The same address in its one canonical spelling, or the text itself when it is none. */
export function canonicalIp(text: string): string {
  // Thousands of ports of one address are asked for in a row.
  if (text === latest.text) return latest.canonical;
  const ip = parseIp(text);
  latest = { text, canonical: ip === null ? text : formatIp(ip) };
  return latest.canonical;
}

let latest = { text: '', canonical: '' };

export function isWildcard(ip: Ip): boolean {
  return ip.bits === 0n;
}

/** 127.0.0.0/8, ::1 and their IPv4-mapped forms. */
export function isLoopback(ip: Ip): boolean {
  const v4 = unmapped(ip);
  return v4.family === 4 ? v4.bits >> 24n === 127n : v4.bits === 1n;
}

/** 169.254.0.0/16 and fe80::/10. */
export function isLinkLocal(ip: Ip): boolean {
  return ip.family === 4 ? ip.bits >> 16n === 0xa9fen : ip.bits >> 118n === 0x3fan;
}

/** Neither unspecified, loopback, link-local nor multicast: what kubeadm and kubelet accept as a node address. */
export function isGlobalUnicast(ip: Ip): boolean {
  const multicast = ip.family === 4 ? ip.bits >> 28n === 0xen : ip.bits >> 120n === 0xffn;
  const broadcast = ip.family === 4 && ip.bits === 0xffffffffn;
  return !isWildcard(ip) && !isLoopback(ip) && !isLinkLocal(ip) && !multicast && !broadcast;
}

/** ::ffff:a.b.c.d as a.b.c.d; anything else unchanged. */
export function unmapped(ip: Ip): Ip {
  return ip.family === 6 && ip.bits >> 32n === 0xffffn ? { family: 4, bits: ip.bits & 0xffffffffn } : ip;
}
