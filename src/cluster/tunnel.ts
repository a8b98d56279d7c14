import * as http from 'node:http';
import * as https from 'node:https';
import * as net from 'node:net';
import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import { codeOf } from '../system/errors.ts';
import { SystemError } from '../system/system.ts';

type Done = (error: Error | null, stream: Duplex) => void;

/** TLS connections to a server through a proxy that carries them (CONNECT, RFC 9110 9.3.6): what is in them the proxy does not see. */
export class TunnelAgent extends https.Agent {
  readonly #proxy: URL;
  readonly #timeoutMs: number;

  constructor(proxy: URL, timeoutMs: number) {
    super({ keepAlive: true });
    this.#proxy = proxy;
    this.#timeoutMs = timeoutMs;
  }

  override createConnection(options: https.RequestOptions, done?: Done): undefined {
    void this.#connect(options, done);
  }

  async #connect({ host, port, ca, cert, key, rejectUnauthorized, servername }: https.RequestOptions, done?: Done) {
    const name = host ?? '';
    const to = `${net.isIPv6(name) ? `[${name}]` : name}:${Number(port)}`;
    let socket: net.Socket;
    try {
      socket = await openTunnel(this.#proxy, to, this.#timeoutMs);
    } catch (error) {
      // Node looks at the stream only where there is no error.
      done?.(proxyError(error, this.#proxy), new net.Socket());
      return;
    }
    const named = servername === undefined ? {} : { servername };
    done?.(null, tls.connect({ socket, host: name, ca, cert, key, rejectUnauthorized, ...named }));
  }
}

/** Nothing of the user is sent but what the proxy's own URL says. */
function openTunnel(proxy: URL, to: string, timeoutMs: number): Promise<net.Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<net.Socket>();
  const { protocol, hostname, port, username, password } = proxy;
  const authorization = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString(
    'base64',
  );
  const call = (protocol === 'https:' ? https : http).request({
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (protocol === 'https:' ? 443 : 80) : port,
    method: 'CONNECT',
    path: to,
    headers: { host: to, ...(username === '' ? {} : { 'proxy-authorization': `Basic ${authorization}` }) },
    agent: false,
    timeout: timeoutMs,
  });
  const refuse = (status: number) => {
    call.destroy();
    reject(
      new SystemError(
        'error',
        `the proxy ${proxy.origin} does not lead to https://${to}: it answered ${status}`,
        'proxy-refused',
      ),
    );
  };
  call.once('connect', ({ statusCode = 0 }, socket, head) => {
    if (statusCode !== 200) return refuse(statusCode);
    // Whoever speaks before TLS has begun is no tunnel to a server.
    if (head.length > 0 || !(socket instanceof net.Socket)) return refuse(statusCode);
    socket.setTimeout(0);
    resolve(socket);
  });
  call.once('response', ({ statusCode = 0 }) => refuse(statusCode));
  call.once('timeout', () =>
    call.destroy(new SystemError('timeout', `the proxy ${proxy.origin} gave no answer in time`, 'ETIMEDOUT')),
  );
  call.once('error', (error) => reject(proxyError(error, proxy)));
  call.end();
  return promise;
}

/** Why a proxy could not be had. It is named as a URL, by which --redact knows its host. */
export function proxyError(error: unknown, { origin }: URL): SystemError {
  if (error instanceof SystemError) return error;
  const code = codeOf(error);
  return new SystemError('error', `the proxy ${origin} could not be reached: ${code ?? String(error)}`, code, error);
}
