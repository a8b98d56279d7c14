import { createHash } from 'node:crypto';
import { DEFAULT_SERVICE_SUBNET } from '../../kubernetes/kubeadm-configuration.ts';
import { parseCidr, type Cidr } from '../../values/cidr.ts';
import { formatIp, parseIp, unmapped, WIDTH, type Ip } from '../../values/ip.ts';

interface Kept {
  readonly network: Cidr;
  /** All of it is the same everywhere, and tells nothing; of the others the prefix alone. */
  readonly whole: boolean;
}

/** What says of which kind an address is: RFC 6890 and RFC 4193. */
const KEPT: readonly Kept[] = [
  ...['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '240.0.0.0/4', '::/127', 'ff00::/8'].map((text) =>
    kept(text, true),
  ),
  // kubeadm's default for Services is held against those of a machine: inside or outside of it, as before.
  kept(DEFAULT_SERVICE_SUBNET, false),
  ...['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16', 'fe80::/64', 'fd00::/8', '2000::/3'].map(
    (text) => kept(text, false),
  ),
];

function kept(text: string, whole: boolean): Kept {
  const network = parseCidr(text);
  if (network === null) throw new Error(`${text} is no network`);
  return { network, whole };
}

/** One address or network for another, as text; null where the text is neither. */
export type AddressMap = (text: string) => { readonly text: string; readonly freeBits: number } | null;

/**
 * Two addresses have as many leading bits in common afterwards as before, so that what is inside a network stays inside it, and what overlaps overlaps.
 * Whoever does not have the key cannot go back. The kind of an address stays: loopback, link-local, private.
 */
export function addressMap(key: Buffer): AddressMap {
  return (text) => {
    const [, written = '', zone = '', prefix = ''] = /^([^%/]*)(%[^/]*)?(\/\d+)?$/.exec(text) ?? [];
    const parsed = parseIp(written);
    if (parsed === null) return null;
    const ip = unmapped(parsed);
    const mapped = ip.family !== parsed.family;
    const width = WIDTH[ip.family];
    const length = prefix === '' ? width : Number(prefix.slice(1)) - (mapped ? WIDTH[6] - WIDTH[4] : 0);
    if (length < 0 || length > width) return null;
    // Of a network the bits behind its prefix are none of the address.
    const host = BigInt(width - length);
    const isNetwork = host > 0n && (ip.bits >> host) << host === ip.bits;
    const keptBits = keptBitsOf(ip);
    const flipped = ip.bits ^ flips(key, ip, keptBits);
    const other = formatIp({ family: ip.family, bits: isNetwork ? (flipped >> host) << host : flipped });
    const freeBits = Math.max(0, (isNetwork ? length : width) - keptBits);
    if (freeBits === 0) return { text, freeBits };
    return { text: `${mapped ? '::ffff:' : ''}${other}${zone}${prefix}`, freeBits };
  };
}

/** The leading bits by which an address is told to be in one of those networks, or in none of them. */
function keptBitsOf(ip: Ip): number {
  const width = WIDTH[ip.family];
  return Math.max(
    ...KEPT.filter(({ network }) => network.family === ip.family).map(({ network, whole }) => {
      const common = width - (ip.bits ^ network.base).toString(2).length;
      const shared = ip.bits === network.base ? width : common;
      if (shared >= network.prefix) return whole ? width : network.prefix;
      return shared + 1;
    }),
  );
}

/** For each bit, whether it changes: as the bits before it say, and no others. */
function flips(key: Buffer, { family, bits }: Ip, keptBits: number): bigint {
  const width = WIDTH[family];
  let flipped = 0n;
  for (let byte = keptBits >> 3; byte < width / 8; byte++) {
    const before = bits >> BigInt(width - byte * 8);
    const digest = createHash('sha256').update(key).update(`${family} ${byte} ${before}`).digest();
    for (let bit = Math.max(keptBits, byte * 8); bit < (byte + 1) * 8; bit++) {
      const node = 2 ** (bit % 8) + Number((bits >> BigInt(width - bit)) & BigInt(2 ** (bit % 8) - 1));
      const flip = (digest[node >> 3] ?? 0) >> (node & 7);
      if ((flip & 1) === 1) flipped |= 1n << BigInt(width - 1 - bit);
    }
  }
  return flipped;
}
