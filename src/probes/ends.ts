import type { PortRange } from '../values/port-range.ts';
import type { Bulk, Counted, SenderSaw } from '../evidence/reach.ts';

/** A machine of a run, as both ends of a probe know it. */
export interface Member {
  readonly key: string;
  /** What its listeners seal their greetings with. */
  readonly instance: Buffer;
  readonly addresses: readonly string[];
}

/** A run as one of its machines takes part in it: what is sent and what is answered is sealed with its secret. */
export interface Run {
  /** 8 bytes. */
  readonly id: Buffer;
  readonly secret: Buffer;
  /** The same list in the same order on every machine of the run: messages name their sender by its place in it. */
  readonly members: readonly Member[];
  /** This machine's place in the list. */
  readonly self: number;
  readonly arrivals: Arrivals;
}

/** A machine that receives, for whatever runs it takes part in now. */
export interface Receiver {
  readonly instance: Buffer;
  runOf(id: Buffer): Run | null;
}

/** What came, by sender and port: filled by the listeners, read when the coordinator looks. */
export interface Arrivals {
  /** A request that proved itself. `number` tells copies of one datagram apart; null over TCP. */
  add(arrival: {
    readonly from: number;
    readonly protocol: 'tcp' | 'udp';
    /** Address of the listener. */
    readonly address: string;
    readonly port: number;
    readonly source: string;
    readonly form: 'plain' | 'dressed' | 'like-dressed';
    readonly number: number | null;
  }): void;
  /** Its answer was handed to the kernel. */
  answered(from: number, protocol: 'tcp' | 'udp', address: string, port: number): void;
  /** Neighbours to which the same came share a row. */
  rows(
    from: number | null,
    ports: readonly { readonly protocol: 'tcp' | 'udp'; readonly ports: PortRange }[],
  ): readonly ArrivalRow[];
}

export interface ArrivalRow {
  readonly from: number;
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly ports: PortRange;
  /** For each port of the range. */
  readonly arrived: number;
  readonly answered: number;
  readonly source: string | null;
  readonly requests: Counted | null;
  readonly dressed: Counted | null;
  readonly likeDressed: Counted | null;
}

/** A port that is open on one address. */
export interface OpenPort {
  close(): Promise<void>;
}

/** How probes go out. */
export interface Pace {
  /** So many that nothing has come of yet are on the way at a time; one that is silent for a while makes room before its time is up. */
  readonly inFlight: number;
  /** Milliseconds after which silence is silence. */
  readonly silenceMs: number;
  /** Sockets at a time, silent ones included: what this process has left. As many as it takes where it is not said. */
  readonly sockets?: number;
}

/** What a sender saw of a range of ports; neighbours that saw the same share one. */
export interface Seen {
  readonly ports: PortRange;
  readonly saw: SenderSaw;
}

export interface SentTcp {
  readonly reaches: readonly Seen[];
  readonly bulk: Bulk | null;
  /** Connects that are kept. */
  readonly held: readonly { readonly port: number; readonly localPort: number }[];
}

/** Connects that are kept open until the other side's kernel was looked at. */
export interface Held {
  readonly sockets: Set<{ destroy(): unknown }>;
}
