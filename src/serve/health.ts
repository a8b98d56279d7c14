import { brief } from '../report/brief.ts';
import { counts } from '../report/text/verdict.ts';
import { printable } from '../values/printable.ts';
import { ago } from './ago.ts';
import type { Neighbourhood } from './neighbourhood.ts';
import type { Runs } from './runs.ts';

/** So many findings are named. */
const NAMED = 20;

export interface Health {
  readonly fine: boolean;
  /** The last report does not say what is now. */
  readonly outdated: boolean;
  /** Lines; the first one is a sentence. */
  readonly why: readonly string[];
}

/** @param stale Milliseconds after which the last report says nothing any more. */
export function healthOf({ last, broken, age }: Runs, neighbourhood: Neighbourhood | null, stale: number): Health {
  if (broken !== null) return { fine: false, outdated: true, why: [printable(`the last run broke: ${broken}`)] };
  if (last === null)
    return { fine: false, outdated: true, why: [`no run has ended yet; the first one began ${ago(age)}`] };
  if (age > stale)
    return { fine: false, outdated: true, why: [`the last run ended ${ago(age)}: that is too long ago`] };
  const { report, fine } = last;
  const wrong = (['fail', 'unknown', 'warn'] as const).flatMap((status) =>
    report.checks
      .flatMap(({ findings }) => findings.filter((finding) => finding.status === status))
      .map((finding) => printable(`${status}: ${brief(finding, report)}`)),
  );
  const more = wrong.length - NAMED;
  const unread = neighbourhood?.unread ?? null;
  return {
    fine: fine && unread === null,
    outdated: false,
    why: [
      `${report.verdict}: ${counts(report)}; the last run ended ${ago(age)}`,
      ...(unread === null ? [] : [printable(`unknown: the nodes of the cluster: ${unread}`)]),
      ...wrong.slice(0, NAMED),
      ...(more > 0 ? [`and ${more} more`] : []),
    ],
  };
}
