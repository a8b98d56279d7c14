import type { Reach } from '../../evidence/reach.ts';

/** What the second look proves holds for the whole stretch. */
export function asSeen(reaches: readonly Reach[], { sender, receiver, attempts }: Reach): Reach[] {
  return reaches.map((reach) => ({
    ...reach,
    attempts,
    sender: { ...reach.sender, heldBack: sender.heldBack, neighbour: sender.neighbour ?? reach.sender.neighbour },
    receiver:
      reach.receiver === null || receiver === null
        ? reach.receiver
        : { ...reach.receiver, turnedBack: receiver.turnedBack, cookies: receiver.cookies, lostAt: receiver.lostAt },
  }));
}

/** All of them saw what these few saw once they were asked again, on both sides. */
export function adopted(reaches: readonly Reach[], sample: Reach): Reach[] {
  return asSeen(reaches, sample).map((reach) => ({
    ...reach,
    sender: { ...sample.sender, waitedMs: Math.max(reach.sender.waitedMs, sample.sender.waitedMs) },
    receiver:
      reach.receiver === null || sample.receiver === null
        ? reach.receiver
        : {
            ...reach.receiver,
            arrived: Math.max(reach.receiver.arrived, sample.receiver.arrived),
            answered: Math.max(reach.receiver.answered, sample.receiver.answered),
            source: reach.receiver.source ?? sample.receiver.source,
            halfOpen: Math.max(reach.receiver.halfOpen, sample.receiver.halfOpen),
          },
  }));
}
