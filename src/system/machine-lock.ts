import type { Server, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, systemError } from './errors.ts';

const net = () => process.getBuiltinModule('node:net');

/**
 * Has something of this machine (of this network namespace, that is) for itself: by a name among the abstract sockets, which the kernel gives
 * back however its holder ends. Who waits is connected to the holder, and is told by the end of the connection. Null when the wait was too long
 * or was aborted. Throws a SystemError.
 */
export async function machineLock(name: string, patienceMs: number, signal: AbortSignal): Promise<MachineLock | null> {
  const path = `\0${name}`;
  const limited = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
  while (!limited.aborted) {
    const lock = await tryLock(path);
    if (lock !== null) return lock;
    await untilReleased(path, limited);
  }
  return null;
}

export interface MachineLock {
  release(): void;
}

function tryLock(path: string): Promise<MachineLock | null> {
  const waiting = new Set<Socket>();
  const server: Server = net().createServer((socket) => {
    waiting.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => waiting.delete(socket));
    socket.unref();
  });
  const release = () => {
    server.close();
    for (const socket of waiting) socket.destroy();
  };
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      codeOf(error) === 'EADDRINUSE' ? resolve(null) : reject(systemError(error, `the lock ${path.slice(1)}`)),
    );
    server.listen({ path }, () => {
      server.unref();
      resolve({ release });
    });
  });
}

/** Between the end of a listener and of its connections others may come first; a holder that takes no connections is asked again after a while. */
const PAUSE_MS = 20;

async function untilReleased(path: string, signal: AbortSignal): Promise<void> {
  const socket = net().connect({ path });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => undefined);
  socket.resume();
  const stop = () => socket.destroy();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  await closed;
  signal.removeEventListener('abort', stop);
  await sleep(PAUSE_MS, undefined, { ref: true });
}
