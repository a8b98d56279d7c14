import type { State } from './state.ts';

/** Reasons that mean, of somebody who is not root, that the machine shows it to root. */
const SHOWN_TO_ROOT: ReadonlySet<string> = new Set([
  'fact-denied',
  'file-denied',
  'socket-denied',
  'rules-unread',
  'unread',
  'unreadable',
  'hidden',
]);

/** How many checks are undecided because this user may not look; none for root. */
export function deniedChecks({ results, given }: State): number {
  if (given.root) return 0;
  const self = results.nodes.find((node) => node.self)?.name ?? '';
  return results.checks.filter(({ report }) =>
    report?.findings.some(
      ({ status, reason, nodes }) => status === 'unknown' && SHOWN_TO_ROOT.has(reason) && nodes.includes(self),
    ),
  ).length;
}
