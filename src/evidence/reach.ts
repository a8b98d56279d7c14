import type { PortRange } from '../values/port-range.ts';

/** What each side saw of packets that were sent, and nothing that follows from it. */

/** What the sender saw of one port, or of each of several neighbours. */
export interface SenderSaw {
  /**
   * `answered`: a listener of ours proved itself and repeated our nonce; `accepted`: somebody took the connection and did not prove to be ours;
   * `refused`: ECONNREFUSED; `error`: another errno; `silence`: nothing within the time.
   */
  readonly outcome: 'answered' | 'accepted' | 'refused' | 'error' | 'silence';
  readonly errno: string | null;
  /** Milliseconds until the outcome was known: of the slowest port. */
  readonly waitedMs: number;
  /** Milliseconds of a round trip: of the quickest port. */
  readonly rttMs: number | null;
  /** Connects, or datagrams for each port. */
  readonly sent: number;
  /** Local address of the socket, where the kernel told. */
  readonly address: string | null;
  /** The system call itself refused: nothing left this machine. */
  readonly atOnce: boolean;
  /** Machine of the run whose listener answered; null for somebody who is none of them, and where nobody proved anything. */
  readonly answeredBy: string | null;
  /** TCP: bytes came that are no greeting of ours. A stranger spoke. */
  readonly spoken: boolean;
  /** Second look: packets that this machine's own counters show it did not let out (OutRequests less OutTransmits), against a quiet moment before; null where nobody looked, the kernel does not count it, or it was not quiet. */
  readonly heldBack: number | null;
  /** The neighbour entry of the next hop: `failed` when nobody answers for it, `resolved`, or null when it was not looked at. */
  readonly neighbour: 'failed' | 'resolved' | null;
  /** UDP where loss was measured, plain and dressed: answers that came back. */
  readonly answers: Counted | null;
  readonly dressed: Counted | null;
  /** Plain ones of the size of the dressed. */
  readonly likeDressed: Counted | null;
}

/** Datagrams of one kind. */
export interface Counted {
  readonly sent: number;
  /** Different ones that came. */
  readonly came: number;
  readonly duplicates: number;
  /** Those that came after one that was sent later. */
  readonly reordered: number;
}

/** What the receiver saw of the same. */
export interface ReceiverSaw {
  /**
   * Who holds the port there: `ours`; `owner`: a process; `kernel`: a device of the kernel; `service`: rules that send it to a Service; `none`:
   * nobody, and the peer may not open it; `unavailable`: it could not be opened.
   */
  readonly listener: 'ours' | 'owner' | 'kernel' | 'service' | 'none' | 'unavailable';
  /** The owner (`kubelet (pid 812)`), the Service's rule, or why it could not be opened. */
  readonly detail: string | null;
  /** Requests that our listener took. */
  readonly arrived: number;
  readonly answered: number;
  /** Address from which they came, as seen there. */
  readonly source: string | null;
  /** Connections of this sender that the peer's kernel holds half-open (SYN_RECV). */
  readonly halfOpen: number;
  /** And those held by the sender that it has as made: by a listener of ours that has not greeted them yet, or by the owner of the port. */
  readonly established: number;
  /** Second look: embryonic connections that the peer's own side reset or that its queue did not take (EmbryonicRsts, ListenDrops), against a quiet moment. */
  readonly turnedBack: number | null;
  /** Second look: SYN cookies that the peer sent, so that no row shows a half-open connection. */
  readonly cookies: number | null;
  /** Second look: where the peer's own counters lose sight of the packets; evidence only. */
  readonly lostAt: 'before-peer' | 'peer-input' | 'peer-output' | 'after-peer' | 'unknown' | null;
  readonly requests: Counted | null;
  readonly dressed: Counted | null;
  readonly likeDressed: Counted | null;
}

/** Neighbours of one story share one. */
export interface Reach {
  readonly ports: PortRange;
  readonly sender: SenderSaw;
  /** Null when the peer could no longer say, with why in `undecided`. */
  readonly receiver: ReceiverSaw | null;
  /** How often was looked: 1, or 2 with a second look. */
  readonly attempts: number;
  /** Why this cannot be decided, whatever was seen: a peer that vanished, machines too loaded, time that ran out. */
  readonly undecided: string | null;
}

/** 200 kB there and back over one connection. */
export interface Bulk {
  readonly port: number;
  readonly bytes: number;
  /** Bytes that the receiver got of them, and the sender of the same back. */
  readonly arrived: number;
  readonly returned: number;
  readonly ms: number;
  /** It stood still, and did not merely end. */
  readonly stalled: boolean;
}
