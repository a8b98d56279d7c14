import type { Reach, ReceiverSaw, SenderSaw } from '../../evidence/reach.ts';
import { formatIp, parseIp, unmapped } from '../../values/ip.ts';
import { LOCAL_LIMITS } from '../../values/local-limits.ts';
import { lossOf, onlyDressedIsLost } from './datagram-loss.ts';
import type { ReachReason } from './reach-reasons.ts';

export interface ReachVerdict {
  readonly reason: ReachReason;
  /** `nonce`: our own listener repeated what was sent; `accepted`: a real owner took the connection. */
  readonly proof: 'nonce' | 'accepted' | null;
  /** What led to it, where the reason alone does not say: a clause without a full stop. */
  readonly why: string | null;
}

export interface ReachTarget {
  readonly protocol: 'tcp' | 'udp';
  /** The machine that has to answer. */
  readonly to: string;
}

/** What the sender's own routes and rules answer to the system call. */
const REFUSED_HERE = ['ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN', 'EACCES', 'EPERM', 'EINVAL'];
/** What becomes of ICMP and ICMPv6 errors: icmp_err_convert in net/ipv4/icmp.c, tab_unreach in net/ipv6/icmp.c. */
const REFUSED_ELSEWHERE = [
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENONET',
  'ENOPROTOOPT',
  'EOPNOTSUPP',
  'EACCES',
  'EPROTO',
];

/** What both sides saw → the one reason. Where the evidence fits two stories it is unknown, never a fault. */
export function reachReason(reach: Reach, target: ReachTarget): ReachVerdict {
  const { sender, receiver, undecided } = reach;
  if (undecided !== null) return say('undecided', undecided);
  if (receiver === null) return say('undecided', 'the peer could no longer say what it saw');
  if (sender.errno !== null && LOCAL_LIMITS.has(sender.errno))
    return say('undecided', `the sender came to a limit of its own (${sender.errno})`);
  if (receiver.listener === 'unavailable') return say('listener-unavailable', receiver.detail ?? 'it did not say why');
  if (receiver.listener === 'service') return say('service-owned', receiver.detail);
  const seen = { ...reach, sender, receiver, ...target };
  return BY_OUTCOME[sender.outcome](seen);
}

interface Seen extends ReachTarget {
  readonly sender: SenderSaw;
  readonly receiver: ReceiverSaw;
  readonly attempts: number;
}

const BY_OUTCOME: Readonly<Record<SenderSaw['outcome'], (seen: Seen) => ReachVerdict>> = {
  answered,
  accepted,
  refused,
  error: failed,
  silence: silent,
};

function say(reason: ReachReason, why: string | null = null, proof: ReachVerdict['proof'] = null): ReachVerdict {
  return { reason, proof, why };
}

/** Somebody proved to be of this run. */
function answered({ sender, receiver, protocol, to }: Seen): ReachVerdict {
  if (sender.answeredBy !== to) return say('wrong-host', sender.answeredBy);
  const dressed = protocol === 'udp' && onlyDressedIsLost(sender, receiver);
  if (dressed) return say('encapsulation-lost', null, 'nonce');
  if (sender.address !== null && receiver.source !== null && !isSameAddress(sender.address, receiver.source))
    return say('source-rewritten', null, 'nonce');
  const loss = protocol === 'udp' ? lossOf(sender, receiver) : null;
  return loss === null ? say('open', null, 'nonce') : say('lossy', loss, 'nonce');
}

/** Somebody took the connection, or answered a datagram, and proved nothing. */
function accepted({ sender, receiver, protocol, to }: Seen): ReachVerdict {
  const { listener, halfOpen, established, turnedBack, arrived } = receiver;
  if (listener === 'owner' || listener === 'kernel') {
    if (protocol === 'udp' || established > 0) return say('open', receiver.detail, 'accepted');
    if (halfOpen === 0)
      return say(
        'undecided',
        'somebody took the connection, and the kernel of the peer does not show it: it may be another host',
      );
    // Without room in its queue the kernel leaves the third packet of a handshake aside too.
    // Nor does one that waits for data before it takes a connection (TCP_DEFER_ACCEPT).
    return turnedBack === 0
      ? say('half-open')
      : say('undecided', 'the queue of the listener there may be full, or it waits for data');
  }
  if (listener === 'none') return say('undecided', 'somebody took it, though the peer says that nothing listens there');
  if (protocol === 'udp')
    return hasArrived(receiver)
      ? say('undecided', 'somebody answered, and the listener there got the same datagrams')
      : say('wrong-host');
  if (sender.spoken) return say('wrong-host');
  // It is there, and what it said came back: what followed was broken off by something on the way, or by load.
  if (sender.answeredBy === to)
    return say(
      'undecided',
      `the listener there greeted, and ${sender.errno === null ? 'no answer came to what it was asked then' : `the connection was broken off then (${sender.errno})`}`,
    );
  if (halfOpen > 0) return say('half-open');
  if (established > 0 && arrived === 0)
    return say('undecided', 'the kernel there took the connection, and its listener did not come to greet');
  return arrived > 0 ? say('reply-lost') : say('wrong-host');
}

/** ECONNREFUSED: a reset, or an ICMP error that a host without a listener sends as well as a firewall. */
function refused({ sender, receiver, protocol, attempts }: Seen): ReachVerdict {
  const { listener, turnedBack } = receiver;
  // Over UDP the next system call brings the error that an earlier datagram met on its way.
  if (wasHeldBack(sender) || (sender.atOnce && protocol === 'tcp')) return say('blocked-locally', 'ECONNREFUSED');
  if (listener === 'none') return say('no-listener');
  if (listener === 'ours') {
    if (!hasArrived(receiver)) return say('rejected', 'ECONNREFUSED');
    return protocol === 'udp' ? say('reply-lost') : say('undecided', 'it arrived once and was refused another time');
  }
  if (protocol === 'tcp') {
    return (turnedBack ?? 0) > 0
      ? say('undecided', 'the queue of the listener there may be full')
      : say('rejected', 'ECONNREFUSED');
  }
  if (listener === 'owner') return silentOwner(receiver);
  return attempts > 1
    ? say('rejected', 'ECONNREFUSED')
    : say('undecided', 'it was refused once, and a tunnel device may just have been made anew');
}

/** Another error than ECONNREFUSED. */
function failed(seen: Seen): ReachVerdict {
  const { sender, receiver, attempts } = seen;
  const errno = sender.errno ?? 'an error without a name';
  if (errno === 'ETIMEDOUT') return silent(seen);
  if (errno === 'EHOSTUNREACH' && sender.neighbour === 'failed' && !hasArrived(receiver)) return say('no-neighbour');
  if ((sender.atOnce && REFUSED_HERE.includes(errno)) || wasHeldBack(sender)) return say('blocked-locally', errno);
  if (sender.atOnce) return say('undecided', `the sender met ${errno} before anything left it`);
  if (errno === 'ECONNRESET') {
    if (receiver.listener !== 'ours' || attempts < 2)
      return say('undecided', 'the connection was made and broken off, and by whom is not known');
    return hasArrived(receiver) ? say('reply-lost', errno) : say('rejected', errno);
  }
  if (!REFUSED_ELSEWHERE.includes(errno)) return say('undecided', `${errno} says nothing about the network`);
  return hasArrived(receiver) ? say('reply-lost', errno) : say('rejected', errno);
}

/** Nothing came back within the time. */
function silent({ sender, receiver, protocol }: Seen): ReachVerdict {
  const { listener, halfOpen, turnedBack, cookies } = receiver;
  const tcp = protocol === 'tcp';
  if (sender.sent === 0) return notSent(receiver, protocol);
  if (hasArrived(receiver) || (tcp && halfOpen > 0)) return say('reply-lost');
  if (sender.neighbour === 'failed') return say('no-neighbour');
  if (wasHeldBack(sender)) return say('blocked-locally', 'silence');
  if (listener === 'none')
    return say('no-listener', 'silence where nobody listens may be a firewall, and is no proof of one');
  if (!tcp && listener === 'kernel') return say('kernel-owned', receiver.detail);
  if (!tcp && listener === 'owner') return silentOwner(receiver);
  if (tcp && (turnedBack ?? 0) > 0) {
    return listener === 'ours' ? say('reply-lost') : say('undecided', 'the queue of the listener there may be full');
  }
  if (tcp && turnedBack === null)
    return listener === 'ours'
      ? say('lost', 'the peer is not quiet enough to tell by its counters whether answers were turned back')
      : say('undecided', 'the queue of the listener there may be full');
  if (tcp && cookies !== 0)
    return say('lost', 'the peer answers with SYN cookies, which leave no trace of a half-open connection');
  return say('request-lost');
}

/** Where no listener of ours is nobody sends, unless an owner can take a connection. */
function notSent(receiver: ReceiverSaw, protocol: 'tcp' | 'udp'): ReachVerdict {
  const { listener, detail } = receiver;
  if (listener === 'none') return say('no-listener', detail);
  if (protocol === 'udp' && listener === 'kernel') return say('kernel-owned', detail);
  if (protocol === 'udp' && listener === 'owner') return silentOwner(receiver);
  return say('undecided', 'no packets were sent there');
}

/** A process that is not ours has no reason to answer our datagrams. */
function silentOwner({ detail }: ReceiverSaw): ReachVerdict {
  return say('listener-unavailable', `${detail ?? 'a process there'} holds it and answers no datagram of ours`);
}

function wasHeldBack({ heldBack }: SenderSaw): boolean {
  return heldBack !== null && heldBack >= 1;
}

function hasArrived({ arrived, requests }: ReceiverSaw): boolean {
  return arrived > 0 || (requests !== null && requests.came > 0);
}

function isSameAddress(a: string, b: string): boolean {
  const [one, other] = [a, b].map((text) => {
    const ip = parseIp(text);
    return ip === null ? text : formatIp(unmapped(ip));
  });
  return one === other;
}
