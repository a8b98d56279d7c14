import type { Socket } from 'node:net';

/** Connections of which nobody knows yet what they come for. */
export interface Strangers {
  add(socket: Socket): void;
  /** It has shown what it comes for. `socket` may be another object for the same connection. */
  remove(socket: Socket): void;
  destroyAll(): void;
}

/**
 * When there are more than `most` of them the oldest goes, of the address that has most: a crowd does not keep out whoever comes in earnest, least of
 * all one who comes from elsewhere.
 */
export function strangers(most: number): Strangers {
  // In the order in which they came.
  const waiting = new Map<string, Socket>();
  const dropOne = () => {
    const crowds = Map.groupBy(waiting.values(), ({ remoteAddress = '' }) => remoteAddress);
    const [largest] = [...crowds.values()].sort((a, b) => b.length - a.length);
    largest?.[0]?.destroy();
  };
  return {
    add: (socket) => {
      const name = connectionOf(socket);
      waiting.get(name)?.destroy();
      waiting.set(name, socket);
      socket.once('close', () => {
        if (waiting.get(name) === socket) waiting.delete(name);
      });
      if (waiting.size > most) dropOne();
    },
    remove: (socket) => void waiting.delete(connectionOf(socket)),
    destroyAll: () => {
      for (const socket of waiting.values()) socket.destroy();
    },
  };
}

function connectionOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}
