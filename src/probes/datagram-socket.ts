import { createSocket, type Socket } from 'node:dgram';
import { codeOf } from '../system/errors.ts';
import { canonicalIp } from '../values/ip.ts';

/** Bytes of a receive buffer; the kernel gives less where net.core.rmem_max says so. Its default holds 256 small datagrams. */
const RECEIVE_BUFFER = 1024 * 1024;

/** For literals alone: the look-up that Node makes of each address otherwise takes a thread. */
function newSocket(address: string): Socket {
  const family = address.includes(':') ? 6 : 4;
  const socket = createSocket({
    type: `udp${family}`,
    ipv6Only: family === 6,
    lookup: (host, _options, done) => done(null, host, family),
  });
  // What becomes of a datagram is told to whoever sent it; without a handler any error would end the process.
  socket.on('error', () => undefined);
  return socket;
}

/** A socket on this address alone. Rejects with the system's error. */
export async function boundSocket(address: string, port: number): Promise<Socket> {
  const socket = newSocket(address);
  await made(socket, (done) => socket.bind({ address, port, exclusive: true }, done));
  socket.setRecvBufferSize(RECEIVE_BUFFER);
  return socket;
}

/** A socket that hears this one alone, and of errors that come back. Rejects with the system's error: without a route nothing is sent. */
export async function connectedSocket(address: string, port: number): Promise<Socket> {
  const socket = newSocket(address);
  // Where no local port is left Node's own bind within connect fails without a word to it, and the socket would neither connect nor close.
  await made(socket, (done) => socket.bind({ port: 0, exclusive: true }, done));
  await made(socket, (done) => socket.connect(port, address, done));
  return socket;
}

async function made(socket: Socket, start: (done: (error?: Error) => void) => void): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      start((error?: Error) => (error === undefined ? resolve() : reject(error)));
    });
  } catch (error) {
    await closeSocket(socket);
    throw error;
  }
}

/** Address that the kernel chooses here for packets to that one. Rejects with the system's error; sends nothing. */
export async function localAddressTowards(address: string, port: number): Promise<string> {
  const socket = await connectedSocket(address, port);
  const { address: local } = socket.address();
  await closeSocket(socket);
  return local;
}

const closed = new WeakMap<Socket, Promise<void>>();

/** Closing twice is closing once. */
export function closeSocket(socket: Socket): Promise<void> {
  const closing = closed.get(socket) ?? new Promise<void>((done) => socket.close(() => done()));
  closed.set(socket, closing);
  return closing;
}

/** Errno name when the kernel did not take the datagram, else null. A connected socket takes no `to`. */
export function transmit(
  socket: Socket,
  datagram: Buffer,
  to: { readonly port: number; readonly address: string } | null,
): Promise<string | null> {
  return new Promise((resolve) => {
    const done = (error: Error | null) => resolve(error === null ? null : (codeOf(error) ?? 'EIO'));
    if (to === null) socket.send(datagram, done);
    else socket.send(datagram, to.port, to.address, done);
  });
}

/** As addresses are written everywhere else: without the zone of a link-local one. */
export function sourceOf({ address }: { readonly address: string }): string {
  return address.includes('%') ? canonicalIp(address) : address;
}
