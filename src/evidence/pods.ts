import type { Bulk, Reach } from './reach.ts';
import type { UnreadWhy } from './reading.ts';

/** Pods that take part in a run, and what their network did. Machines are named by their keys in the run; nothing here is a judgement. */

/** `throw-away`: made for the run by the node's own chain of CNI plugins; `existing`: real ones of the node, whose network namespaces are entered. */
export type PodsHow = 'throw-away' | 'existing';

/** Where packets leave from or go to: a machine itself, or one of the pods that take part on it, counted from 0. */
export interface Place {
  readonly machine: string;
  readonly pod: number | null;
}

/** Pods of one machine: they are there while the packets of the run are sent, and then nothing of them is. */
export interface PodsRequest {
  readonly kind: 'pods';
  readonly machine: string;
  readonly how: PodsHow;
  readonly count: number;
}

/** TCP, UDP and 200 kB from one place to another, over every family of addresses that both have; at least one of them is a pod. */
export interface PodWayRequest {
  readonly kind: 'pod-way';
  readonly how: PodsHow;
  readonly from: Place;
  readonly to: Place;
}

/** A plugin that did not do what it was asked for. */
export interface FailedCall {
  /** Its type. */
  readonly plugin: string;
  readonly kind:
    | 'said'
    | 'junk'
    | 'timed-out'
    | 'killed'
    | 'missing'
    | 'not-executable'
    | 'cannot-start'
    | 'refused'
    | 'other-version';
  /** The plugin's own error code: https://www.cni.dev/docs/spec/#error */
  readonly code: number | null;
  /** In its own words where it has any. */
  readonly message: string;
}

/** What the result of ADD says, and what is in the pod instead. */
export interface Difference {
  readonly what: 'interface' | 'address' | 'route' | 'mtu' | 'mac' | 'dns';
  readonly claimed: string;
  /** Null when there is nothing of the kind. */
  readonly found: string | null;
}

/** Something of the host that was not there, or was otherwise, before. */
export interface Remainder {
  readonly what:
    'interface' | 'address' | 'route' | 'rule' | 'sysctl' | 'reservation' | 'namespace' | 'process' | 'file';
  /** Its name: `cni0`, `net.ipv4.ip_forward`, `table ip nat chain CNI-HOSTPORT-DNAT`. */
  readonly name: string;
  /** Null where it is or was not there. */
  readonly before: string | null;
  readonly after: string | null;
}

export interface PodTold {
  /** Container ID of a throw-away pod; what the node calls an existing one. */
  readonly name: string;
  readonly interface: string | null;
  /** With their prefix lengths, as the pod has them. */
  readonly addresses: readonly string[];
  /** Bytes. */
  readonly mtu: number | null;
  /** Of a throw-away pod: the plugin that could do no ADD when it was asked before, and so was not asked for one. */
  readonly status: FailedCall | null;
  /** Of a throw-away pod: the plugins that failed, at most one of ADD and CHECK. `check` is `not-supported` where the network has none, and null where it was not come to. */
  readonly add: FailedCall | null;
  readonly check: FailedCall | 'done' | 'not-supported' | null;
  readonly del: readonly FailedCall[];
  readonly differences: readonly Difference[];
}

export interface PodsResult {
  readonly how: PodsHow;
  /** Why there are no pods here, as a sentence; null when some were made, or tried. */
  readonly none: {
    /**
     * `no-network`: no configuration yet; `broken-network`: none that the runtime takes; `needs-real-pod`: an add-on that asks the API for the pod;
     * `no-pods`: none that can be entered; `not-allowed`: that machine was not told to take part; `busy`: another run has pods there; the others as of a fact (`denied`: not root).
     */
    readonly why: 'no-network' | 'broken-network' | 'needs-real-pod' | 'no-pods' | 'not-allowed' | 'busy' | UnreadWhy;
    readonly detail: string;
  } | null;
  /** The chain that was run; null of existing pods. */
  readonly network: {
    readonly file: string;
    readonly name: string;
    readonly version: string;
    readonly plugins: readonly string[];
  } | null;
  readonly pods: readonly PodTold[];
  /** What is there still after DEL, and was not before. */
  readonly left: readonly Remainder[];
  /** What plugins keep by design, or left behind, and was put back. */
  readonly putBack: readonly Remainder[];
  /** What came to the machine meanwhile, and nothing says whose it is: of another program, or of a plugin that did not say for whom. It was left alone. */
  readonly unclear: readonly Remainder[];
}

/** What a machine's kernel counted while a second look was sent through it; null where others move the counter too. */
export interface Forwarded {
  readonly forwarded: number | null;
  /** Packets for other machines while forwarding is off, or with an address that cannot be (IpInAddrErrors). */
  readonly addressErrors: number | null;
  readonly noRoutes: number | null;
  readonly reversePathFiltered: number | null;
  /** Packets that came in, forwarded or not. */
  readonly received: number | null;
}

export interface PodWay {
  readonly family: 4 | 6;
  /** Address of the pod that sends; null where the machine itself does. */
  readonly source: string | null;
  readonly address: string;
  readonly tcp: Reach;
  readonly udp: Reach;
  readonly bulk: Bulk | null;
  /** Of the sender's and of the receiver's machine, where something was lost and looked at again. */
  readonly passed: { readonly from: Forwarded | null; readonly to: Forwarded | null } | null;
}

export interface PodWayResult {
  readonly ways: readonly PodWay[];
}
