import type { Socket } from 'node:net';

/** Milliseconds after its last byte at which a connection is ended. */
const STILL_MS = 5_000;
const LOOK_MS = 500;

/** Connections of others, in the order of their last byte. */
export interface Crowd {
  /** It said something, or came: now it is the last to be ended. */
  join(socket: Socket): void;
  leave(socket: Socket): void;
}

/** So many at most: one more ends the one that has been still for longest. */
export function createCrowd(limit: number): Crowd {
  const since = new Map<Socket, number>();
  let timer: NodeJS.Timeout | undefined;

  function end(socket: Socket): void {
    since.delete(socket);
    // A reset leaves no TIME_WAIT behind.
    socket.resetAndDestroy();
  }

  function look(): void {
    const now = performance.now();
    for (const [socket, at] of since) {
      if (now - at < STILL_MS) break;
      end(socket);
    }
    if (since.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  return {
    join(socket) {
      since.delete(socket);
      since.set(socket, performance.now());
      timer ??= setInterval(look, LOOK_MS).unref();
      if (since.size <= limit) return;
      for (const oldest of since.keys()) return end(oldest);
    },
    leave(socket) {
      since.delete(socket);
    },
  };
}
