import type { Socket } from 'node:dgram';
import type { ConnectionOptions } from 'node:tls';
import { codeOf, systemError } from './errors.ts';
import * as files from './files.ts';
import { SystemError } from './system.ts';
import type { ConnectOutcome, HttpRequest, HttpResponse, Network, Target, TlsPeer } from './network.ts';

// Node's network modules are loaded when they are first used: most runs use few of them.
const net = () => process.getBuiltinModule('node:net');

export const liveNetwork: Network = { resolve, connect, tlsPeer, http, exchange, tryBind, grpc };

const BODY_LIMIT = 1024 * 1024;

function timedOut(about: string): SystemError {
  return new SystemError('timeout', `${about}: no answer in time`, 'ETIMEDOUT');
}

/** Settles with the promise or, when the signal aborts first, rejects and releases what it used. */
async function withAbort<T>(signal: AbortSignal, about: string, release: () => void, work: Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(timedOut(about));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } catch (error) {
    throw systemError(error, about);
  } finally {
    signal.removeEventListener('abort', onAbort);
    release();
  }
}

/** What Node's own resolver opens as it loads, on the main thread and without O_NONBLOCK: one pipe would stop the program for good. */
const RESOLVER_FILES = ['/etc/resolv.conf', '/etc/nsswitch.conf', '/etc/netsvc.conf', '/etc/svc.conf'];

/** To be called before anything that makes Node look up a name. */
async function readyToResolve(host: string): Promise<void> {
  if (net().isIP(host) !== 0) return;
  for (const path of RESOLVER_FILES) {
    const found = await files.status(path, path);
    if (found !== null && found.kind !== 'file')
      throw new SystemError('error', `${path}: it is not a regular file`, 'ENOTSUP');
  }
}

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

async function http({
  url,
  headers,
  signal,
  limit = BODY_LIMIT,
  servername,
  ...tlsFiles
}: HttpRequest): Promise<HttpResponse> {
  const { hostname } = started(url, () => new URL(url));
  await readyToResolve(hostname.replace(/^\[(.*)\]$/, '$1'));
  const { request } = await (url.startsWith('https:') ? import('node:https') : import('node:http'));
  const verified = {
    rejectUnauthorized: tlsFiles.ca !== undefined,
    ...tlsFiles,
    ...(servername === undefined ? {} : { servername }),
  };
  const call = started(url, () =>
    request(url, { ...verified, ...(headers === undefined ? {} : { headers }), agent: false }),
  );
  const answered = new Promise<HttpResponse>((done, fail) => {
    call.once('error', fail);
    call.once('response', (response) => {
      const chunks: Buffer[] = [];
      let total = 0;
      response.on('data', (chunk: Buffer) => {
        total += chunk.length;
        if (total > limit) fail(new SystemError('error', `${url}: the answer is longer than ${limit} bytes`, 'EFBIG'));
        else chunks.push(chunk);
      });
      response.once('error', fail);
      response.once('end', () =>
        done({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      );
    });
  });
  call.end();
  return withAbort(signal, url, () => call.destroy(), answered);
}

/** A certificate and a key that do not belong together are refused before anything is sent. */
function started<T>(about: string, start: () => T): T {
  try {
    return start();
  } catch (error) {
    throw systemError(error, about);
  }
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

/** A unary call without a library: one HTTP/2 stream, one length-prefixed message each way. */
async function grpc(socketPath: string, method: string, request: Buffer, signal: AbortSignal): Promise<Buffer> {
  const http2 = await import('node:http2');
  const about = `${socketPath} ${method}`;
  const session = http2.connect('http://localhost', { createConnection: () => net().connect(socketPath) });
  const answered = new Promise<Buffer>((done, fail) => {
    session.once('error', fail);
    const stream = session.request({
      ':method': 'POST',
      ':path': method,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    let total = 0;
    let status: string | null = null;
    const note = (headers: Readonly<Record<string, unknown>>) => {
      const value = headers['grpc-status'];
      if (typeof value === 'string') status = value;
    };
    stream.on('response', note);
    stream.on('trailers', note);
    stream.on('data', (chunk: Buffer) => {
      total += chunk.length;
      if (total > BODY_LIMIT)
        fail(new SystemError('error', `${about}: the answer is longer than ${BODY_LIMIT} bytes`, 'EFBIG'));
      else chunks.push(chunk);
    });
    stream.once('error', fail);
    stream.once('close', () => {
      if (status === '0') done(Buffer.concat(chunks).subarray(5));
      else if (status === null) fail(new SystemError('error', `${about}: it does not speak gRPC`));
      else
        fail(
          new SystemError(
            status === '12' ? 'unsupported' : 'error',
            `${about}: gRPC status ${status}`,
            `GRPC_${status}`,
          ),
        );
    });
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(request.length, 1);
    stream.end(Buffer.concat([prefix, request]));
  });
  return withAbort(signal, about, () => session.destroy(), answered);
}
