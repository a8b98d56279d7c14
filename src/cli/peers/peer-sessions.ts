import type { RemotePeer } from '../../peers/control/control-client.ts';

/** Control channels that outlive a run, by the key of their peer. */
export interface PeerSessions {
  of(key: string): RemotePeer | null;
  keep(peer: RemotePeer): void;
  /** It broke: the next run meets the peer anew. */
  drop(key: string): void;
  closeAll(): void;
}

/** A peer hangs up on a channel after a minute without a word. Milliseconds. */
const WORD_MS = 20_000;
/** Milliseconds. */
const ANSWER_MS = 5_000;

export function peerSessions(): PeerSessions {
  const kept = new Map<string, RemotePeer>();
  const drop = (key: string) => {
    kept.get(key)?.close();
    kept.delete(key);
  };
  const sayWord = async (peer: RemotePeer) => {
    try {
      await peer.call('clock', {}, AbortSignal.timeout(ANSWER_MS));
    } catch {
      if (kept.get(peer.key) === peer) drop(peer.key);
    }
  };
  const words = setInterval(() => {
    for (const peer of kept.values()) void sayWord(peer);
  }, WORD_MS);
  words.unref();
  return {
    of: (key) => kept.get(key) ?? null,
    keep: (peer) => void kept.set(peer.key, peer),
    drop,
    closeAll: () => {
      clearInterval(words);
      for (const key of kept.keys()) drop(key);
    },
  };
}
