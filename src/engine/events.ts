import type { ProbeProgress } from '../evidence/source.ts';
import type { CheckReport, Report } from '../report/schema.ts';
import type { Node } from './node.ts';

/** A run, told as it happens. `finished` is always the last one. */
export type RunEvent =
  | {
      readonly type: 'started';
      readonly run: Report['run'];
      readonly checks: readonly { readonly id: string; readonly title: string }[];
    }
  | { readonly type: 'node'; readonly node: Node }
  /** Packets between nodes are on their way. */
  | { readonly type: 'probes'; readonly progress: ProbeProgress }
  | { readonly type: 'check'; readonly check: CheckReport }
  | { readonly type: 'finished'; readonly report: Report };
