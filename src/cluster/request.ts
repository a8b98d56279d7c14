import * as http from 'node:http';
import * as https from 'node:https';
import * as net from 'node:net';
import type { Access, Secrets } from './access.ts';
import { TunnelAgent } from './tunnel.ts';

/** Keeps connections to the server, straight or through its proxy. */
export function agentOf({ server, proxy }: Access, timeoutMs: number): http.Agent {
  if (server.protocol === 'http:') return new http.Agent({ keepAlive: true });
  return proxy === null ? new https.Agent({ keepAlive: true }) : new TunnelAgent(proxy, timeoutMs);
}

/** Without the brackets of IPv6. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** A GET that is not sent yet. Throws where a certificate and a key do not belong together. */
export function request(
  server: URL,
  { ca, verify, servername }: Access['trust'],
  agent: http.Agent,
  path: string,
  { authorization, cert, key }: Secrets,
): http.ClientRequest {
  const secure = server.protocol === 'https:';
  const options = {
    host: hostOf(server),
    port: server.port === '' ? (secure ? 443 : 80) : server.port,
    path: `${server.pathname.replace(/\/$/, '')}${path}`,
    agent,
    headers: {
      host: server.host,
      accept: 'application/json',
      'user-agent': 'seaworthy',
      // Nothing secret goes where others can read it.
      ...(authorization === null || !secure ? {} : { authorization }),
    },
  };
  if (!secure) return http.request(options);
  const name = servername ?? hostOf(server);
  return https.request({
    ...options,
    rejectUnauthorized: verify,
    ...(ca === null ? {} : { ca }),
    ...(cert === null || key === null ? {} : { cert, key }),
    // An address is no name that TLS could send.
    ...(net.isIP(name) === 0 ? { servername: name } : {}),
  });
}
