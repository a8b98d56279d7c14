import { parseIp } from '../values/ip.ts';

/** The last one asked for: those who sweep come from one address. */
let last: { readonly address: string; readonly bytes: Buffer } = { address: '', bytes: Buffer.alloc(16) };

/** 16 bytes of an address, an IPv4 one as v4-mapped; zeros when the text is no address. */
export function addressBytes(address: string): Buffer {
  if (address !== last.address) last = { address, bytes: bytesOf(address) };
  return last.bytes;
}

function bytesOf(address: string): Buffer {
  const ip = parseIp(address);
  if (ip === null) return Buffer.alloc(16);
  const bits = ip.family === 4 ? (0xffffn << 32n) | ip.bits : ip.bits;
  return Buffer.from(bits.toString(16).padStart(32, '0'), 'hex');
}

/** An address as it is written everywhere else: without `::ffff:` before IPv4. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}
