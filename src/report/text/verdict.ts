import type { Status, Verdict } from '../../values/status.ts';
import type { Report } from '../schema.ts';
import type { Layout, Span } from './layout.ts';
import type { Tone } from './theme.ts';

const WORDS: Readonly<Record<Verdict, { readonly text: string; readonly tone: Tone }>> = {
  ready: { text: 'READY', tone: 'pass' },
  'not-ready': { text: 'NOT READY', tone: 'fail' },
  unknown: { text: 'UNKNOWN', tone: 'unknown' },
};

const COLUMN = 12;

/** The answer, and what it covers, so that nobody takes half a test for a whole one. */
export function verdict(report: Report, layout: Layout): string[] {
  const time = `in ${(report.run.durationMs / 1000).toFixed(2)} s`;
  return [
    ...row(WORDS[report.verdict], `${counts(report)} ${time}`, layout),
    ...row({ text: 'covers', tone: 'quiet' }, covers(report), layout),
  ];
}

/** Counts of checks; beside them those of the findings that stand above, where they are others. */
function counts({ summary, checks }: Report): string {
  if (checks.every(({ status }) => status === 'skip')) {
    return `nothing was judged: ${checks.length === 1 ? 'the one check was' : `all ${checks.length} checks were`} skipped`;
  }
  const findings = checks.flatMap((check) => check.findings);
  const told = (['fail', 'warn', 'unknown'] as const).map((status) => {
    const count = findings.filter((finding) => finding.status === status).length;
    return [status, count === summary[status] ? '' : ` (${count} ${count === 1 ? 'finding' : 'findings'})`] as const;
  });
  const beside = new Map<Status, string>(told);
  const shown = (['fail', 'warn', 'pass', 'skip', 'unknown'] as const).map(
    (status) => `${summary[status]} ${status}${beside.get(status) ?? ''}`,
  );
  return `${told.some(([, words]) => words !== '') ? 'checks: ' : ''}${shown.join(', ')}`;
}

/** Where to read on: the page of the first check that is not as it should be. */
export function more({ checks }: Report, layout: Layout): string[] {
  const statuses = ['fail', 'unknown', 'warn'] as const;
  const [first] = statuses.flatMap((status) => checks.filter((check) => check.status === status));
  if (first === undefined) return [];
  return [
    ...row({ text: 'more', tone: 'quiet' }, `seaworthy explain ${first.id}`, layout),
    ...row({ text: 'docs', tone: 'quiet' }, first.docs, layout),
  ];
}

function row(name: Exclude<Span, string>, text: string, layout: Layout): string[] {
  const spans = [name, `${' '.repeat(COLUMN - name.text.length)}${text}`];
  return layout.paragraph(spans, { hanging: layout.width < 60 ? 4 : COLUMN });
}

function covers({ nodes, coverage, plan }: Report): string {
  const setting = (name: string) => plan[name]?.value;
  const named = (name: string) => [setting(name)].flat().filter((each) => typeof each === 'string');
  const root = setting('root');
  const saved = named('facts').length > 0;
  const where =
    typeof root === 'string' ? `the directory ${root}` : saved ? 'saved facts of one machine' : 'this machine';
  const who = nodes.length === 1 ? `${where} alone` : `what ${nodes.length} nodes say of themselves`;
  const packets =
    coverage.pairsTested > 0
      ? `${coverage.pairsTested} of ${coverage.pairs} pairs of nodes`
      : `nothing between nodes${coverage.pods === 'tested' ? '' : ' or pods'} was tested`;
  const chosen = (['only', 'skip'] as const).flatMap((name) => {
    const ids = named(name);
    return ids.length === 0 ? [] : [`--${name} ${ids.join(', ')}`];
  });
  return [who, ...(chosen.length === 0 ? [] : [`of its checks what ${chosen.join(' and ')} left`]), packets].join('; ');
}
