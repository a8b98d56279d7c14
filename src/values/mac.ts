/** Lower case, colon separated; null when the text is no 48-bit hardware address. */
export function parseMac(text: string): string | null {
  const mac = text.trim().toLowerCase().replaceAll('-', ':');
  return /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/.test(mac) ? mac : null;
}

/** Not all zero and not a group address: what an interface may have as its own. */
export function isUnicastMac(mac: string): boolean {
  return mac !== '00:00:00:00:00:00' && (Number.parseInt(mac.slice(0, 2), 16) & 1) === 0;
}
