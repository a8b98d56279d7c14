import type { PortRange } from '../values/port-range.ts';
import type { PodsRequest, PodsResult, PodWayRequest, PodWayResult } from './pods.ts';
import type { Bulk, Reach, SenderSaw } from './reach.ts';

/**
 * Packets between two machines of a run: what was asked for, and what each side saw of it. Machines are named by their keys in the run.
 * Nothing here is a judgement.
 */

interface Directed {
  /** Machine that sends. */
  readonly from: string;
  /** Machine that receives. */
  readonly to: string;
  /** Address of the receiver that is tried. */
  readonly address: string;
}

/** Connects to each port of the range. */
export interface TcpRequest extends Directed {
  readonly kind: 'tcp';
  readonly ports: PortRange;
  /** Carries 200 kB there and back over one port of the range that the receiver holds itself, once it is open. */
  readonly bulk: boolean;
}

/** Sends numbered datagrams to each port of the range. */
export interface UdpRequest extends Directed {
  readonly kind: 'udp';
  readonly ports: PortRange;
  /** Datagrams to each port: 1 of a sweep, more where loss is measured. */
  readonly count: number;
  /** As many datagrams again that look like this encapsulation, and as many plain ones of their size. */
  readonly dress: 'vxlan' | 'geneve' | null;
}

/** The largest datagram that gets there unfragmented. */
export interface PathMtuRequest extends Directed {
  readonly kind: 'path-mtu';
  /** UDP ports to try, in this order, until the receiver's listener answers on one. */
  readonly ports: readonly number[];
  /** Bytes of an IP packet that are tried first: MTU of the interface that the sender's route leaves by. */
  readonly ceiling: number;
}

/** Four timestamps over the control channel, several times: always from where the run is conducted, whoever `from` is. */
interface ClockRequest {
  readonly kind: 'clock';
  readonly to: string;
}

/** Connects to an endpoint behind which a member of the run may listen. */
export interface EndpointRequest {
  readonly kind: 'endpoint';
  readonly from: string;
  /** From which of the pods there that are entered it goes out, counted from 0; the machine itself where it is absent. */
  readonly pod?: number;
  readonly address: string;
  readonly port: number;
  /** Members that hold this port of theirs open meanwhile. */
  readonly behind: readonly { readonly machine: string; readonly address: string; readonly port: number }[];
}

export type ProbeRequest =
  TcpRequest | UdpRequest | PathMtuRequest | ClockRequest | EndpointRequest | PodsRequest | PodWayRequest;
type ProbeKind = ProbeRequest['kind'];

export interface ReachResult {
  readonly reaches: readonly Reach[];
  readonly bulk: Bulk | null;
}

export interface PathMtuResult {
  /** UDP port that answered; null when none did, and nothing is known. */
  readonly port: number | null;
  /** Bytes of the largest IP packet that arrived unfragmented. */
  readonly mtu: number | null;
  /** What became of larger ones: `none-tried` (the ceiling itself passed), `told` (too big, and told so), `black-hole` (silence). */
  readonly beyond: 'none-tried' | 'told' | 'black-hole' | null;
  readonly ceiling: number;
  /** Local address of the sender. */
  readonly source: string | null;
  /** Why it could not be measured: ip_no_pmtu_disc, no port that answers. */
  readonly detail: string | null;
}

export interface ClockResult {
  /** Milliseconds that the machine's clock is ahead of the clock of the machine that conducts the run, and how wrong that may be. */
  readonly offsetMs: number;
  readonly uncertaintyMs: number;
  readonly exchanges: number;
}

export interface EndpointResult {
  readonly sender: SenderSaw;
  /** Members that took the connection, as they recorded it. */
  readonly arrivedAt: readonly string[];
}

interface ProbeResults {
  readonly tcp: ReachResult;
  readonly udp: ReachResult;
  readonly 'path-mtu': PathMtuResult;
  readonly clock: ClockResult;
  readonly endpoint: EndpointResult;
  readonly pods: PodsResult;
  readonly 'pod-way': PodWayResult;
}

/** What came of a request: both sides, or the machine without whose word nothing can be said. */
export type ProbeReading<K extends ProbeKind = ProbeKind> =
  | { readonly value: ProbeResults[K] }
  | {
      /**
       * `peer-unreachable`: its control channel; `undecided`: it was lost on the way, or time ran out; `no-peers`: they were in no run together, of which
       * the engine tells.
       */
      readonly unread: 'peer-unreachable' | 'undecided' | 'no-peers';
      /** Key of the machine that is at fault. */
      readonly machine: string;
      /** One sentence. */
      readonly detail: string;
    };

/** A request with what came of it. */
export type Probed = {
  [K in ProbeKind]: {
    readonly kind: K;
    readonly request: Extract<ProbeRequest, { kind: K }>;
    readonly reading: ProbeReading<K>;
  };
}[ProbeKind];
