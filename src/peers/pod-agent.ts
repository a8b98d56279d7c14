import type { Readable, Writable } from 'node:stream';
import * as z from 'zod';
import { DEFAULTS } from '../plan/defaults.ts';
import { codeOf } from '../system/errors.ts';
import type { System } from '../system/system.ts';
import { portsOf } from '../values/port-range.ts';
import { createLocalPeer, type OpenAsked } from './local-peer.ts';
import { serveStream } from './stream-server.ts';

// A few messages come: compiling a parser for each costs more than it saves.
z.config({ jitless: true });

/**
 * A pod as a machine of a run: the same messages as of any peer, from whoever holds its pipes. All its ports are its own, so that any of them may be
 * opened; it reads no facts and has no pods.
 */
export async function serveInPod(system: System, version: string, input: Readable, output: Writable): Promise<void> {
  const peer = createLocalPeer({
    key: 'pod',
    system,
    plan: { settings: DEFAULTS },
    said: {},
    version,
    readFacts: () => Promise.resolve({}),
    open: openAny,
  });
  try {
    await serveStream(peer, input, output);
  } finally {
    await peer.closeAll();
  }
}

/** In a real pod its own program may hold the port. */
const openAny: OpenAsked = async ({ id, ended }, listeners, openings) =>
  Promise.all(
    openings.flatMap(({ protocol, address, ports }) =>
      portsOf([ports]).map(async (port) => {
        const one = { protocol, address, ports: { first: port, last: port } };
        try {
          await listeners.open(id, { protocol, address, port }, 'node-port', ended);
          return { ...one, listener: 'ours' as const, detail: null };
        } catch (error) {
          const code = codeOf(error);
          if (code === null) throw error;
          return { ...one, listener: 'unavailable' as const, detail: code };
        }
      }),
    ),
  );
