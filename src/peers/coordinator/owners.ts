import type { Reach } from '../../evidence/reach.ts';
import type { Openings } from './openings.ts';
import type { Piece } from './pieces.ts';

/**
 * A process that held a port when the run began, and no longer does, was restarted or ended meanwhile: that nobody took the connection then says nothing
 * of the network.
 */
export async function withOwnersStillThere(
  { request }: Piece,
  reaches: readonly Reach[],
  openings: Openings,
): Promise<readonly Reach[]> {
  return Promise.all(
    reaches.map(async (reach) => {
      const { ports, sender, receiver, undecided } = reach;
      if (receiver?.listener !== 'owner' || sender.outcome === 'accepted' || sender.sent === 0 || undecided !== null)
        return reach;
      const now = await openings.again(request.to, { protocol: request.kind, address: request.address, ports });
      const isThere =
        now.length > 0 && now.every(({ listener, detail }) => listener === 'owner' && detail === receiver.detail);
      if (isThere) return reach;
      return {
        ...reach,
        undecided: `${receiver.detail ?? 'the process'} that held the port there went away meanwhile`,
      };
    }),
  );
}
