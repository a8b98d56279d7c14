import { canonicalIp, parseIp } from './ip.ts';

/** A name or an address without brackets, and a TCP port. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** RFC 1123: what Kubernetes takes for the name of a host or a node. */
export function isDnsName(text: string): boolean {
  return (
    text.length <= 253 && /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/.test(text)
  );
}

/** Parses `host:6443`, `10.0.0.1`, `[fd00::1]:6443` or `fd00::1`; null when the text is none. */
export function parseEndpoint(text: string, defaultPort: number): Endpoint | null {
  const { host, port } = split(text.trim());
  const number = port === null ? defaultPort : /^\d{1,5}$/.test(port) ? Number(port) : 0;
  if (number < 1 || number > 65_535) return null;
  if (parseIp(host) !== null) return host.includes('%') ? null : { host: canonicalIp(host), port: number };
  // Numbers and dots alone are a mistyped address, never a name.
  const name = host.toLowerCase();
  return isDnsName(name) && !/^[\d.]+$/.test(name) ? { host: name, port: number } : null;
}

function split(text: string): { host: string; port: string | null } {
  const bracketed = /^\[([^\]]*:[^\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed !== null) return { host: bracketed[1] ?? '', port: bracketed[2] ?? null };
  const colon = text.indexOf(':');
  // More than one colon without brackets is an IPv6 address alone.
  if (colon < 0 || colon !== text.lastIndexOf(':')) return { host: text, port: null };
  return { host: text.slice(0, colon), port: text.slice(colon + 1) };
}

export function formatEndpoint({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
