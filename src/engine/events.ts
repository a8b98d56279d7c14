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
  | { readonly type: 'check'; readonly check: CheckReport }
  | { readonly type: 'finished'; readonly report: Report };
