import type { Socket } from 'node:dgram';
import { listenFor } from './datagram-pacing.ts';
import { closeSocket, connectedSocket, sourceOf, transmit } from './datagram-socket.ts';
import { decodeEcho, encodeRequest, nextNumber, SMALLEST } from './datagram.ts';
import type { Pace, Run } from './ends.ts';

/** A port of a member that answers, and the socket that is connected to it. */
export interface AnsweringMember {
  readonly to: string;
  readonly port: number;
  readonly socket: Socket;
  /** Local address of the socket. */
  readonly source: string;
}

const TRIES = 3;

/** The first port from which the member answers a small datagram; null when none does in time. */
export async function findMember(
  run: Run,
  { to, address, ports }: { readonly to: string; readonly address: string; readonly ports: readonly number[] },
  pace: Pace,
  signal: AbortSignal,
): Promise<AnsweringMember | null> {
  const { promise: answered, resolve } = Promise.withResolvers<undefined>();
  const doors = (await Promise.all(ports.map((port) => doorTo(address, port)))).filter((door) => door !== null);
  const answering: AnsweringMember[] = [];
  for (const { port, socket } of doors) {
    socket.on('message', (datagram) => {
      if (decodeEcho(run, port, datagram)?.by !== to) return;
      answering.push({ to, port, socket, source: sourceOf(socket.address()) });
      resolve(undefined);
    });
  }
  let found: AnsweringMember | null = null;
  try {
    for (let tries = 0; tries < TRIES && answering.length === 0 && doors.length > 0; tries++) {
      for (const { port, socket } of doors) {
        const number = nextNumber(run, to, port, 'sized');
        await transmit(socket, encodeRequest(run, to, port, { form: 'sized', number }, SMALLEST), null);
      }
      await listenFor(pace.silenceMs / TRIES, answered, () => 0, signal);
    }
    [found = null] = answering;
    return found;
  } finally {
    const left = doors.filter(({ socket }) => socket !== found?.socket);
    await Promise.all(left.map(({ socket }) => closeSocket(socket)));
  }
}

/** Null where there is no route, or no socket left. */
async function doorTo(address: string, port: number): Promise<{ port: number; socket: Socket } | null> {
  try {
    return { port, socket: await connectedSocket(address, port) };
  } catch {
    return null;
  }
}
