import type { Readable, Writable } from 'node:stream';
import type { NetworkPlaces } from '../cni/chosen-network.ts';
import type { PodsHow, PodsResult } from '../evidence/pods.ts';
import type { Settings } from '../plan/settings.ts';
import type { System } from '../system/system.ts';

/** A machine that is to have pods. */
export interface PodsMachine {
  readonly system: System;
  readonly settings: Settings;
  /** Where its runtime looks for networks and plugins: read while agents are being started. */
  readonly places: Promise<Places>;
  /** The program that runs inside each pod, and its arguments; it ends when its standard input is closed. */
  readonly agent: readonly string[];
  /** The program that undoes what a journal names, and its arguments; the journal's path is appended. */
  readonly recover: readonly string[];
}

export interface Places extends NetworkPlaces {
  readonly binDirs: readonly string[];
  readonly internalLoopback: boolean;
}

export interface PodsAsked {
  readonly how: PodsHow;
  readonly count: number;
  /** Of one call of a plugin. */
  readonly timeoutMs: number;
  /** Aborted, nothing more is made. What was made is undone by `close` all the same. */
  readonly signal: AbortSignal;
}

export interface OpenedPods {
  /** What is known so far; complete after `close`. */
  readonly result: PodsResult;
  /** Those that can be used: they have a network, and their agent runs. */
  readonly pods: readonly PodHere[];
  /** Undoes everything and says what came of it. It never rejects, takes no more than 5 times `timeoutMs`, and works once however often it is called. */
  close(): Promise<PodsResult>;
}

export interface PodHere {
  readonly index: number;
  readonly name: string;
  /** With their prefix lengths. */
  readonly addresses: readonly string[];
  /** Of its agent. */
  readonly input: Writable;
  readonly output: Readable;
  /** Settles when the agent has ended, however it did. */
  readonly ended: Promise<void>;
}
