import type { ControlProblem, SshTrouble } from '../evidence/control-problems.ts';
import type { AnswerOf, MessageName, RequestOf } from './messages/protocol.ts';

/**
 * A machine of the run, as the coordinator talks to it: another one over its control channel, or this one in-process. Every call ends in the
 * time that its message takes and a little more; then, or when the channel breaks, it rejects with a PeerError.
 */
export interface Peer {
  /** As the user named it, or `self`. */
  readonly key: string;
  call<M extends MessageName>(message: M, request: RequestOf<M>, signal: AbortSignal): Promise<AnswerOf<M>>;
  /** Hangs up; what the peer holds for us lapses. */
  close(): void;
}

/** The message is one sentence that names the peer. */
export class PeerError extends Error {
  override readonly name = 'PeerError';
  readonly problem: ControlProblem;
  /** What was in the way where it was to be had over ssh, else null. */
  readonly ssh: SshTrouble | null;

  constructor(problem: ControlProblem, message: string, ssh: SshTrouble | null = null) {
    super(message);
    this.problem = problem;
    this.ssh = ssh;
  }
}
