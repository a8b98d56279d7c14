import { formatEndpoint } from '../values/endpoint.ts';
import { formatIp, isWildcard, parseIp } from '../values/ip.ts';
import { mustBe } from './errors.ts';
import type { ListenAddress } from './settings.ts';

/** Parses `10.0.0.12:10777`, `[::1]:10777` or `:10777`; `[::]` too stands for all addresses, of either family. Throws a BadValue. */
export function toListen(text: string): ListenAddress {
  const match = /^(?:\[(.*)\]|([^:]*)):(\d{1,5})$/.exec(text.trim());
  const [, bracketed, bare = '', digits = '0'] = match ?? [];
  const port = Number(digits);
  if (port < 1 || port > 65_535) throw mustBe(FORM);
  if (bracketed === undefined && bare === '') return { address: null, port };
  const ip = parseIp(bracketed ?? bare);
  if (ip === null || text.includes('%') || ip.family !== (bracketed === undefined ? 4 : 6)) throw mustBe(FORM);
  return { address: ip.family === 6 && isWildcard(ip) ? null : formatIp(ip), port };
}

const FORM = 'ADDR:PORT or :PORT, such as 10.0.0.12:10777, [fd00::12]:10777 or :10777';

export function formatListen({ address, port }: ListenAddress): string {
  return address === null ? `:${port}` : formatEndpoint({ host: address, port });
}
