import pLimit from 'p-limit';
import type { RemotePeer } from '../peers/control/control-client.ts';
import { PeerError, type Peer } from '../peers/peer.ts';
import { LEASE_MS } from '../peers/messages/protocol.ts';
import type { FleetNode } from './fleet-node.ts';
import { packExecutable, type PackedExecutable } from './packed-executable.ts';
import { noNode, notWaitedFor } from './no-node.ts';
import { startNode, type StartedNode, type StartOptions } from './start-node.ts';

export interface FleetOptions extends Pick<StartOptions, 'version' | 'listen' | 'timeout' | 'signal'> {
  readonly nodes: readonly FleetNode[];
  /** A file of this version that runs by itself; null where there is none. */
  readonly executable: string | null;
  /** Milliseconds that a node may take to put back everything. */
  readonly closingMs: number;
}

/** Nodes on which a peer runs for as long as we want. */
export interface Fleet {
  /** Rejects with a PeerError. */
  connect(name: string): Promise<RemotePeer>;
  /** Settles when nothing of ours is left on any node, as far as it can be reached. */
  close(): Promise<void>;
}

/** A jump host lets no more than ten in at a time that have not proved who they are (sshd's MaxStartups). */
const STARTS = 8;
/** A peer ends by itself when it hears nothing for as long as a lease lasts. Milliseconds. */
const WORD_MS = LEASE_MS / 3;
/** Beyond the time that putting back takes. Milliseconds. */
const SPARE_MS = 3_000;

export function createFleet(options: FleetOptions): Fleet {
  const { nodes, executable, closingMs, signal } = options;
  const limit = pLimit(STARTS);
  const started = new Set<StartedNode>();
  let packing: Promise<PackedExecutable | null> | null = null;
  const packed = () => (packing ??= executable === null ? Promise.resolve(null) : packExecutable(executable));

  const sayWords = ({ peer, ssh }: StartedNode) => {
    const words = setInterval(() => {
      // Whoever gives no word for so long is lost, and what is asked of it must not wait longer.
      peer.call('clock', {}, AbortSignal.timeout(LEASE_MS)).catch(() => ssh.kill());
    }, WORD_MS);
    words.unref();
    void ssh.ended.then(() => clearInterval(words));
  };

  return {
    connect: (name) =>
      limit(async () => {
        const node = nodes.find((each) => each.name === name);
        if (node === undefined) throw new Error(`${name} is no node of the fleet`);
        if (signal.aborted) throw notWaitedFor(node);
        const start = await startNode(node, { ...options, executable: packed });
        started.add(start);
        sayWords(start);
        const { peer, address, machine } = start;
        const remoteAddress = node.address ?? address ?? '';
        return { ...peer, call: overSsh(node, peer), localAddress: '', remoteAddress, machine };
      }),
    close: async () => {
      limit.clearQueue();
      await Promise.all([...started].map((each) => farewell(each, closingMs + SPARE_MS)));
      // Where it could not be packed there is nothing to close, and the nodes that needed it have told.
      await (await packing?.catch(() => null))?.close();
    },
  };
}

/** What goes wrong with it goes wrong over ssh. */
function overSsh(node: FleetNode, peer: Peer): Peer['call'] {
  return async (message, request, signal) => {
    try {
      return await peer.call(message, request, signal);
    } catch (error) {
      if (!(error instanceof PeerError) || error.problem === 'rejected') throw error;
      throw new PeerError(error.problem, error.message, noNode(node, 'ended', '').ssh);
    }
  };
}

/** The end of its input ends a peer, and then the connection. */
async function farewell({ peer, ssh }: StartedNode, limitMs: number): Promise<void> {
  peer.close();
  const overdue = setTimeout(() => ssh.kill(), limitMs);
  await ssh.ended;
  clearTimeout(overdue);
}
