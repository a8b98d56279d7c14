import type { Socket } from 'node:dgram';
import type { ConnectionOptions } from 'node:tls';
import { codeOf } from './errors.ts';
import { grpc, http } from './live-http.ts';
import { SystemError } from './system.ts';
import { readyToResolve } from './ready-to-resolve.ts';
import type { ConnectOutcome, Network, Target, TlsPeer } from './network.ts';
import { withAbort } from './with-abort.ts';

// Node's network modules are loaded when they are first used: most runs use few of them.
const net = () => process.getBuiltinModule('node:net');

export const liveNetwork: Network = { resolve, connect, tlsPeer, http, exchange, tryBind, grpc };

/** As programs of this machine see it, /etc/hosts included. */
async function resolve(host: string, signal: AbortSignal): Promise<string[]> {
  if (net().isIP(host) !== 0) return [host];
  await readyToResolve(host);
  const { lookup } = await import('node:dns/promises');
  const found = await withAbort(signal, host, () => undefined, lookup(host, { all: true, order: 'verbatim' }));
  return found.map(({ address }) => address);
}

async function connect(target: Target, signal: AbortSignal): Promise<ConnectOutcome> {
  await readyToResolve(target.host);
  const started = performance.now();
  const elapsed = () => performance.now() - started;
  // One address, one family: with "happy eyeballs" the outcome could be that of another address.
  const socket = net().connect({ ...target, autoSelectFamily: false });
  const outcome = new Promise<ConnectOutcome>((done) => {
    socket.once('connect', () => {
      const { localAddress = '', remoteAddress = '' } = socket;
      done({ outcome: 'connected', localAddress, remoteAddress, ms: elapsed() });
    });
    socket.once('error', (error) => done({ outcome: 'failed', code: codeOf(error) ?? 'EIO', ms: elapsed() }));
  });
  return withAbort(signal, `${target.host} port ${target.port}`, () => socket.destroy(), outcome);
}

async function tlsPeer(target: Target, servername: string | null, signal: AbortSignal): Promise<TlsPeer> {
  await readyToResolve(target.host);
  const tls = await import('node:tls');
  const named = servername !== null && net().isIP(servername) === 0 ? { servername } : {};
  const options: ConnectionOptions = { ...target, ...named, rejectUnauthorized: false };
  const socket = tls.connect(options);
  const shaken = new Promise<TlsPeer>((done, fail) => {
    socket.once('secureConnect', () =>
      done({ chain: chainOf(socket.getPeerCertificate(true)), protocol: socket.getProtocol() ?? '' }),
    );
    socket.once('error', fail);
    socket.once('close', () =>
      fail(new SystemError('error', 'the connection was closed during the handshake', 'ECONNRESET')),
    );
  });
  return withAbort(signal, `TLS with ${target.host} port ${target.port}`, () => socket.destroy(), shaken);
}

interface Certificate {
  readonly raw: Buffer;
  readonly issuerCertificate?: Certificate;
}

/** A self-signed certificate is its own issuer: the chain ends where it repeats. */
function chainOf(leaf: Certificate): Buffer[] {
  const chain: Buffer[] = [];
  for (let next: Certificate | undefined = leaf; next?.raw !== undefined; next = next.issuerCertificate) {
    const { raw }: Certificate = next;
    if (chain.some((seen) => seen.equals(raw))) break;
    chain.push(raw);
  }
  return chain;
}

async function exchange(target: Target, datagram: Buffer, waitMs: number, signal: AbortSignal): Promise<Buffer | null> {
  const socket = await datagramSocket(target.host);
  let timer: NodeJS.Timeout | undefined;
  const answered = new Promise<Buffer | null>((done, fail) => {
    socket.once('message', (message) => done(message));
    socket.once('error', fail);
    // Connected, so that only the one asked is heard and a refusal becomes an error.
    socket.connect(target.port, target.host, () => socket.send(datagram));
    timer = setTimeout(() => done(null), waitMs);
  });
  const release = () => {
    clearTimeout(timer);
    socket.close();
  };
  return withAbort(signal, `${target.host} port ${target.port} over UDP`, release, answered);
}

/** Datagrams go to addresses alone: the look-up that Node makes of each would load its resolver. */
async function datagramSocket(address: string): Promise<Socket> {
  const { createSocket } = await import('node:dgram');
  const family = address.includes(':') ? 6 : 4;
  return createSocket({ type: `udp${family}`, lookup: (host, _options, done) => done(null, host, family) });
}

async function tryBind(protocol: 'tcp' | 'udp', { host, port }: Target): Promise<string | null> {
  const socket = protocol === 'tcp' ? net().createServer() : await datagramSocket(host);
  const bound = new Promise<string | null>((done) => {
    socket.once('error', (error: Error) => done(codeOf(error) ?? 'EIO'));
    socket.once('listening', () => socket.close(() => done(null)));
  });
  if (socket instanceof net().Server) socket.listen({ host, port, exclusive: true });
  else socket.bind({ address: host, port, exclusive: true });
  return bound;
}
