import type { ReceiverSaw, SenderSaw } from '../../evidence/reach.ts';

/** Loss above this share is a fault: 1 of 20. A single datagram never is. */
const TOLERATED_LOSS = 1 / 20;

/** None of those that look like an overlay came, and those of their size did. */
export function onlyDressedIsLost(sender: SenderSaw, receiver: ReceiverSaw): boolean {
  const [dressed, like] =
    receiver.dressed !== null && receiver.likeDressed !== null
      ? [receiver.dressed, receiver.likeDressed]
      : [sender.dressed, sender.likeDressed];
  if (dressed === null || like === null) return false;
  return dressed.sent > 0 && dressed.came === 0 && like.came * 2 > like.sent;
}

/**
 * What was lost too much, as words; null where loss was not measured. The receiver may count datagrams of several looks, and does not know of those
 * that were lost last: what it misses is a share of what was sent, and the rest of what stayed unanswered is lost on the way back.
 */
export function lossOf(sender: SenderSaw, receiver: ReceiverSaw): string | null {
  if (sender.answers === null) return null;
  const forms = [
    { form: '', there: receiver.requests, back: sender.answers },
    { form: 'dressed ', there: receiver.dressed, back: sender.dressed },
    { form: 'larger ', there: receiver.likeDressed, back: sender.likeDressed },
  ];
  for (const { form, there, back } of forms) {
    if (back === null || back.sent === 0) continue;
    const asked = Math.max(there?.sent ?? 0, back.sent);
    const missed = there === null ? 0 : asked - there.came;
    if (isTooMuch(missed, asked)) return `${asked - missed} of ${asked} ${form}datagrams arrived`;
    const unanswered = back.sent - back.came;
    if (isTooMuch(unanswered - (missed / asked) * back.sent, back.sent))
      return `${back.came} of ${back.sent} ${form}datagrams were answered`;
  }
  return null;
}

function isTooMuch(lost: number, sent: number): boolean {
  return lost > Math.max(1, sent * TOLERATED_LOSS);
}
