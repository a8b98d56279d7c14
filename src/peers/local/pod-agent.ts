import type { Readable, Writable } from 'node:stream';
import { DEFAULTS } from '../../plan/defaults.ts';
import { codeOf } from '../../system/errors.ts';
import type { System } from '../../system/system.ts';
import { isPodPortOf } from '../../values/pod-port.ts';
import { createLocalPeer, type OpenAsked } from './local-peer.ts';
import { serveStream } from '../stream/stream-server.ts';

/**
 * A pod as a machine of a run: the same messages as of any peer, from whoever holds its pipes. It reads no facts and has no pods.
 */
export async function serveInPod(system: System, version: string, input: Readable, output: Writable): Promise<void> {
  const peer = createLocalPeer({
    key: 'pod',
    system,
    plan: { settings: DEFAULTS },
    said: {},
    version,
    readFacts: () => Promise.resolve({}),
    open: openOurs,
  });
  try {
    await serveStream(peer, input, output);
  } finally {
    await peer.closeAll();
  }
}

/** The port that the run asks of pods: a real one needs its others itself, and may hold this one too. */
const openOurs: OpenAsked = async ({ id, ended }, listeners, openings) =>
  Promise.all(
    openings.map(async ({ protocol, address, ports }) => {
      const port = ports.first;
      const one = { protocol, address, ports };
      if (!isPodPortOf(id, ports))
        return { ...one, listener: 'unavailable' as const, detail: 'it is not the port that this run asks of pods' };
      try {
        await listeners.open(id, { protocol, address, port }, 'node-port', ended);
        return { ...one, listener: 'ours' as const, detail: null };
      } catch (error) {
        const code = codeOf(error);
        if (code === null) throw error;
        return { ...one, listener: 'unavailable' as const, detail: code };
      }
    }),
  );
