import type { Socket } from 'node:dgram';
import { codeOf } from '../system/errors.ts';
import type { System } from '../system/system.ts';
import { canonicalIp } from '../values/ip.ts';
import type { AskedPort } from './asked-port.ts';
import {
  boundSocket,
  closeSocket,
  connectedSocket,
  localAddressTowards,
  sourceOf,
  transmit,
} from './datagram-socket.ts';
import { readDrops } from './own-drops.ts';

/** The sockets of a sender: one for all ports, or a connected one for each. They are opened when they are needed first. */
export interface Outlet {
  /** Address that answers must come from. */
  readonly address: string;
  /** Errno name when the kernel did not take it, or gave no socket for it. */
  send(to: AskedPort, datagram: Buffer): Promise<string | null>;
  /** Nothing more is sent to this port or heard from it. */
  done(port: AskedPort): void;
  /** Answers that its open sockets had no room for. */
  drops(system: System): Promise<number>;
  close(): Promise<void>;
}

interface Hears {
  heard(datagram: Buffer, port: number, source: string): void;
  failed(port: AskedPort, errno: string): void;
}

/** A socket that is open, and its own address: asked of the kernel once, and not for each datagram. */
interface Open {
  readonly socket: Socket;
  readonly address: string;
}

export function createOutlet(job: { readonly address: string; readonly connected: boolean }, hears: Hears): Outlet {
  const { connected } = job;
  const opened = new Map<AskedPort | null, Promise<Open>>();
  const address = canonicalIp(job.address);

  function socketFor(to: AskedPort): Promise<Open> {
    const key = connected ? to : null;
    const there = opened.get(key);
    if (there !== undefined) return there;
    const opening = connected ? openConnected(to) : openForAll(to);
    opened.set(key, opening);
    // Another try opens another one.
    opening.catch(() => opened.delete(key));
    return opening;
  }

  async function openConnected(to: AskedPort): Promise<Open> {
    const open = listenTo(await connectedSocket(address, to.port));
    open.socket.on('error', (error) => hears.failed(to, codeOf(error) ?? 'EIO'));
    return open;
  }

  async function openForAll(first: AskedPort): Promise<Open> {
    return listenTo(await boundSocket(await localAddressTowards(address, first.port), 0));
  }

  function listenTo(socket: Socket): Open {
    socket.on('message', (datagram, remote) => hears.heard(datagram, remote.port, sourceOf(remote)));
    return { socket, address: sourceOf(socket.address()) };
  }

  async function sockets(): Promise<Socket[]> {
    const all = await Promise.allSettled(opened.values());
    return all.flatMap((each) => (each.status === 'fulfilled' ? [each.value.socket] : []));
  }

  return {
    address,
    async send(to, datagram) {
      try {
        const { socket, address: own } = await socketFor(to);
        to.address = own;
        return await transmit(socket, datagram, connected ? null : { port: to.port, address });
      } catch (error) {
        return codeOf(error) ?? 'EIO';
      }
    },
    done(port) {
      const opening = opened.get(port);
      if (opening === undefined) return;
      opened.delete(port);
      void opening.then(({ socket }) => closeSocket(socket));
    },
    drops: async (system) => readDrops(system, await sockets()),
    async close() {
      await Promise.all((await sockets()).map(closeSocket));
    },
  };
}
