import type { Counted, SenderSaw } from '../evidence/reach.ts';
import { LOCAL_LIMITS } from '../values/local-limits.ts';
import type { Echo, Form } from './datagram.ts';

/** A datagram that was handed to the kernel. */
export interface Sent {
  /** By performance.now(). Milliseconds. */
  readonly atMs: number;
}

/** Datagrams of one form, and the answers to them. */
export interface Line {
  readonly form: Form;
  readonly sent: Map<number, Sent>;
  readonly answered: Set<number>;
  highest: number;
  duplicates: number;
  reordered: number;
}

/** The errno of a port, and whether the call itself refused. */
export interface Failure {
  readonly errno: string;
  readonly atOnce: boolean;
}

/** Errors that only a call makes, and no packet that comes back. Local limits are among them. */
const NEVER_COMES_BACK = new Set(['EPERM', 'EINVAL', ...LOCAL_LIMITS]);

/** What the sender knows so far of one port. */
export class AskedPort {
  readonly port: number;
  readonly lines: readonly Line[];
  /** Local address of the socket that asks. */
  address: string | null = null;
  readonly #several: boolean;
  #failure: Failure | null = null;
  #taken = false;
  #spoken = false;
  #by: string | null = null;
  #askedAt: number | null = null;
  #knownAt: number | null = null;
  #rttMs: number | null = null;

  /** Of one datagram alone an error is the end; of several it may be about some of them. */
  constructor(port: number, forms: readonly Form[], several: boolean) {
    this.port = port;
    this.#several = several;
    this.lines = forms.map((form) => ({
      form,
      sent: new Map(),
      answered: new Set(),
      highest: -1,
      duplicates: 0,
      reordered: 0,
    }));
  }

  /** Before it is handed to the kernel: the answer can be there before the kernel's word is. */
  sending(line: Line, number: number): Sent {
    const sent = { atMs: performance.now() };
    this.#askedAt ??= sent.atMs;
    line.sent.set(number, sent);
    return sent;
  }

  /** The kernel took one: whatever refused before does so no more. */
  taken(): void {
    this.#taken = true;
    if (this.#failure?.atOnce === true) this.#failure = null;
  }

  /** This machine had no room for it. */
  notSent(line: Line, number: number): void {
    line.sent.delete(number);
  }

  /** An error of the socket or of a call. That of a call can be what came back for an earlier datagram. */
  failed(errno: string): void {
    this.#failure = { errno, atOnce: !this.cameBack(errno) };
    this.#knownAt = performance.now();
  }

  /** Whether a packet from the network may have brought it: then a call that returns it has sent nothing. */
  cameBack(errno: string): boolean {
    return this.#taken && !NEVER_COMES_BACK.has(errno);
  }

  /** A member of the run repeats a number of ours. What an earlier probe asked for is none of this one's. */
  echoed({ form, number, by }: Echo, expected: string): Sent | null {
    const line = this.lines.find((each) => each.form === form);
    const sent = line?.sent.get(number);
    if (line === undefined || sent === undefined) return null;
    // Whoever answers beside the one that was asked is the news.
    if (this.#by === null || by !== expected) this.#by = by;
    if (line.answered.has(number)) {
      line.duplicates++;
      return sent;
    }
    const now = performance.now();
    line.answered.add(number);
    if (number < line.highest) line.reordered++;
    else line.highest = number;
    this.#knownAt ??= now;
    this.#rttMs = Math.min(this.#rttMs ?? Infinity, now - sent.atMs);
    return sent;
  }

  /** Somebody answered who proved nothing. */
  stranger(): void {
    this.#spoken = true;
    this.#knownAt ??= performance.now();
  }

  /** An error came back: no more is sent there. A call that refused may go through the next time. */
  get refused(): boolean {
    return !this.#several && this.#failure !== null && !this.#failure.atOnce;
  }

  silent(line: Line): boolean {
    return !this.refused && line.answered.size === 0;
  }

  /** Nothing more has to come. Of a stranger nothing is known before the time is up: ours may answer still. */
  get complete(): boolean {
    return this.refused || this.lines.every(({ sent, answered }) => answered.size > 0 && answered.size === sent.size);
  }

  /** The outcome is that of the plain ones; they are counted where several were asked for. */
  saw(counts: boolean): SenderSaw {
    const outcome = this.#outcome();
    const counted = (form: Form) => {
      const line = counts ? this.lines.find((each) => each.form === form) : undefined;
      return line === undefined ? null : countedOf(line);
    };
    return {
      outcome,
      errno: outcome === 'refused' || outcome === 'error' ? (this.#failure?.errno ?? null) : null,
      waitedMs:
        (outcome === 'silence' ? performance.now() : (this.#knownAt ?? 0)) - (this.#askedAt ?? performance.now()),
      rttMs: this.#rttMs,
      sent: this.lines.reduce((sum, { sent }) => sum + sent.size, 0),
      address: this.address,
      atOnce: outcome === 'error' && this.#failure?.atOnce === true,
      answeredBy: outcome === 'answered' ? this.#by : null,
      spoken: this.#spoken,
      heldBack: null,
      neighbour: null,
      answers: counted('plain'),
      dressed: counted('dressed'),
      likeDressed: counted('like-dressed'),
    };
  }

  #outcome(): SenderSaw['outcome'] {
    if (this.lines.some(({ form, answered }) => form === 'plain' && answered.size > 0)) return 'answered';
    if (this.#spoken) return 'accepted';
    if (this.#failure === null) return 'silence';
    return this.#failure.errno === 'ECONNREFUSED' ? 'refused' : 'error';
  }
}

function countedOf({ sent, answered, duplicates, reordered }: Line): Counted {
  return { sent: sent.size, came: answered.size, duplicates, reordered };
}
