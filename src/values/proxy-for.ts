import { contains, parseCidr } from './cidr.ts';
import { isLoopback, parseIp } from './ip.ts';

/**
 * The proxy that a Go program takes for https to a host, or null: golang.org/x/net/http/httpproxy, which every Kubernetes component
 * goes by, with the CIDRs in NO_PROXY that it and client-go understand.
 */
export function proxyFor(host: string, variables: Readonly<Record<string, string>>): string | null {
  const proxy = variables['HTTPS_PROXY'] ?? variables['https_proxy'] ?? '';
  const ip = parseIp(host);
  if (proxy === '' || host.toLowerCase() === 'localhost' || (ip !== null && isLoopback(ip))) return null;
  const excepted = (variables['NO_PROXY'] ?? variables['no_proxy'] ?? '').split(',').some((entry) => {
    const item = entry.trim().toLowerCase();
    return item !== '' && isExcepted(host.toLowerCase(), item);
  });
  return excepted ? null : proxy;
}

function isExcepted(host: string, item: string): boolean {
  if (item === '*') return true;
  const ip = parseIp(host);
  const cidr = parseCidr(item);
  if (cidr !== null) return ip !== null && contains(cidr, ip);
  const name = withoutPort(item);
  const named = parseIp(name);
  if (named !== null) return ip !== null && ip.family === named.family && ip.bits === named.bits;
  if (ip !== null) return false;
  // `.example.com` and `*.example.com` are for what is below it, `example.com` for itself too.
  const domain = name.replace(/^\*?\./, '');
  return host.endsWith(`.${domain}`) || (name === domain && host === domain);
}

function withoutPort(item: string): string {
  const bracketed = /^\[(.*)\](?::\d+)?$/.exec(item)?.[1];
  return bracketed ?? (parseIp(item) === null ? item.replace(/:\d+$/, '') : item);
}
