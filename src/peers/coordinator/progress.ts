import type { TcpRequest, UdpRequest } from '../../evidence/probes.ts';
import type { Reach } from '../../evidence/reach.ts';
import type { ProbeProgress } from '../../evidence/source.ts';
import { suspectsOf } from './suspects.ts';
import type { Piece } from './pieces.ts';

/** Counts pairs of machines as their pieces are done. */
export interface Progress {
  done(piece: Piece, reaches: readonly Reach[]): void;
}

export function progressOf(
  requests: readonly (TcpRequest | UdpRequest)[],
  tell: (progress: ProbeProgress) => void,
): Progress {
  const left = new Map<string, number>();
  for (const { from, to, ports } of requests)
    left.set(`${from} ${to}`, (left.get(`${from} ${to}`) ?? 0) + ports.last - ports.first + 1);
  const pairs = left.size;
  let failures = 0;
  return {
    done: (piece, reaches) => {
      const { from, to } = piece.request;
      const rest = (left.get(`${from} ${to}`) ?? 0) - (piece.ports.last - piece.ports.first + 1);
      if (rest > 0) left.set(`${from} ${to}`, rest);
      else left.delete(`${from} ${to}`);
      failures += suspectsOf(piece, reaches).length;
      tell({ pairs, pairsDone: pairs - left.size, failures });
    },
  };
}
