import type { ProbeProgress } from '../../evidence/source.ts';
import type { SaidPlan } from '../messages/protocol.ts';
import type { Members } from './members.ts';

/** What conducting the packets of one run takes. */
export interface Coordinating {
  readonly members: Members;
  /** 16 hexadecimal digits. */
  readonly run: string;
  readonly plan: SaidPlan;
  /** Milliseconds that one attempt may take. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  readonly progress: (progress: ProbeProgress) => void;
}
