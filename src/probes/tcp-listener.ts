import { createServer, isIP, type Server, type Socket } from 'node:net';
import { createCrowd, type Crowd } from './crowd.ts';
import type { OpenPort, Receiver } from './ends.ts';
import { BULK, BULK_BYTES, REQUEST_BYTES, decodeRequest, encodeGreeting } from './tcp-messages.ts';

/** A whole sweep fits the queue of connections that are not accepted yet; net.core.somaxconn is the kernel's own limit. */
const BACKLOG = 4_096;

/** Connections of one receiver, over all of its ports, that have not proved anything, that have, and that carry bulk. */
const LIMITS = { unproved: 4_096, proved: 4_096, bulk: 256 } as const;

/** And those of one port that have not proved anything. */
const UNPROVED_OF_PORT = 512;

interface Crowds {
  readonly unproved: Crowd;
  readonly proved: Crowd;
  readonly bulk: Crowd;
}

const crowdsOf = new WeakMap<Receiver, Crowds>();

function crowds(receiver: Receiver): Crowds {
  let found = crowdsOf.get(receiver);
  if (found === undefined) {
    found = {
      unproved: createCrowd(LIMITS.unproved),
      proved: createCrowd(LIMITS.proved),
      bulk: createCrowd(LIMITS.bulk),
    };
    crowdsOf.set(receiver, found);
  }
  return found;
}

/** An address and port that is open for probes. */
interface Door {
  readonly receiver: Receiver;
  readonly address: string;
  readonly port: number;
  readonly crowds: Crowds;
  /** All connections, those that came first in front. */
  readonly inside: Set<Socket>;
  readonly unproved: Set<Socket>;
}

/**
 * Opens a port of one address: greets whoever connects, answers the requests of members of our runs, and ends all others without a word.
 * Rejects with the system's error (EADDRINUSE, EACCES, EADDRNOTAVAIL, EMFILE).
 */
export async function listenTcp(receiver: Receiver, address: string, port: number): Promise<OpenPort> {
  if (isIP(address) === 0) throw new RangeError(`'${address}' is no IP address`);
  const door: Door = { receiver, address, port, crowds: crowds(receiver), inside: new Set(), unproved: new Set() };
  const server = createServer((socket) => welcome(door, socket));
  const { promise: listening, resolve, reject } = Promise.withResolvers<undefined>();
  server.once('listening', () => resolve(undefined));
  // It stays after that: a connection that cannot be accepted (EMFILE) is no reason to end.
  server.on('error', reject);
  server.listen({ host: address, port, exclusive: true, ipv6Only: isIP(address) === 6, backlog: BACKLOG });
  await listening;
  return { close: () => close(server, door) };
}

async function close(server: Server, { inside }: Door): Promise<void> {
  const { promise: closed, resolve } = Promise.withResolvers<undefined>();
  server.close(() => resolve(undefined));
  for (const socket of inside) socket.resetAndDestroy();
  return closed;
}

function welcome(door: Door, socket: Socket): void {
  const { inside, unproved } = door;
  // A reset is how our senders end a connection.
  socket.on('error', () => undefined);
  const { remoteAddress } = socket;
  if (remoteAddress === undefined) {
    socket.destroy();
    return;
  }
  const source = plainAddress(remoteAddress);
  let crowd = door.crowds.unproved;
  inside.add(socket);
  unproved.add(socket);
  crowd.join(socket);
  if (unproved.size > UNPROVED_OF_PORT) endOldest(unproved);

  const greeting = encodeGreeting(door.receiver.instance, door.port);
  let request: Buffer | null = null;
  let bulk: ((chunk: Buffer) => boolean) | null = null;

  socket.on('close', () => {
    inside.delete(socket);
    unproved.delete(socket);
    crowd.leave(socket);
  });
  socket.on('data', (chunk: Buffer) => {
    if (!take(chunk)) socket.resetAndDestroy();
  });
  socket.write(greeting);

  /** False when it is none of ours. */
  function take(chunk: Buffer): boolean {
    if (bulk !== null) {
      crowd.join(socket);
      return bulk(chunk);
    }
    if (!unproved.has(socket)) return false;
    request = request === null ? chunk : Buffer.concat([request, chunk]);
    if (request.length < REQUEST_BYTES) return true;
    const asked = decodeRequest(request, greeting, door.port, (id) => door.receiver.runOf(id));
    if (asked === null) return false;
    moveTo(asked.bulk ? door.crowds.bulk : door.crowds.proved);
    if (asked.bulk) bulk = echoOf(socket);
    const { from, run, answer } = asked;
    // Bulk is asked of a port that answered before: it is no probe of it.
    if (asked.bulk) {
      socket.write(answer);
      return true;
    }
    run.arrivals.add({
      from,
      protocol: 'tcp',
      address: door.address,
      port: door.port,
      source,
      form: 'plain',
      number: null,
    });
    socket.write(answer, (failed) => {
      if (failed == null) run.arrivals.answered(from, 'tcp', door.address, door.port);
    });
    return true;
  }

  function moveTo(next: Crowd): void {
    unproved.delete(socket);
    crowd.leave(socket);
    crowd = next;
    crowd.join(socket);
  }
}

/** An address as it is written everywhere else: without `::ffff:` before IPv4. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

function endOldest(sockets: Set<Socket>): void {
  for (const oldest of sockets) {
    sockets.delete(oldest);
    oldest.resetAndDestroy();
    return;
  }
}

/** Says after each piece how much of the bulk came in all (4 bytes), and once that is everything sends as much back. */
function echoOf(socket: Socket): (chunk: Buffer) => boolean {
  let came = 0;
  return (chunk) => {
    came += chunk.length;
    if (came > BULK_BYTES) return false;
    const receipt = Buffer.allocUnsafe(4);
    receipt.writeUInt32BE(came);
    socket.write(receipt);
    if (came === BULK_BYTES) socket.write(BULK);
    return true;
  };
}
