import { STATUSES, worst, type Status, type Verdict } from '../../values/status.ts';
import { podSides } from '../pod-sides.ts';
import type { Report } from '../schema.ts';
import type { Layout, Span } from './layout.ts';
import { counted, some } from './names.ts';
import { isMesh } from './pairs.ts';
import type { Tone } from './theme.ts';

const WORDS: Readonly<Record<Verdict, { readonly text: string; readonly tone: Tone }>> = {
  ready: { text: 'READY', tone: 'pass' },
  'not-ready': { text: 'NOT READY', tone: 'fail' },
  unknown: { text: 'UNKNOWN', tone: 'unknown' },
};

const COLUMN = 12;

/** The answer, and what it covers, so that nobody takes half a test for a whole one. */
export function verdict(report: Report, layout: Layout): string[] {
  return [
    ...row(WORDS[report.verdict], `${counts(report)} ${took(report)}`, layout),
    ...row({ text: 'covers', tone: 'quiet' }, covers(report), layout),
  ];
}

const CUT_SHORT = { interrupted: 'interrupted after', 'budget-spent': 'cut short by --budget after' } as const;

/** How long the run took, and what ended it where it did not come to its end. */
export function took({ run: { durationMs, cutShort } }: Report): string {
  return `${cutShort === undefined ? 'in' : CUT_SHORT[cutShort]} ${(durationMs / 1_000).toFixed(2)} s`;
}

/** Counts of checks; beside them those of the findings that stand above, where they are others. */
export function counts({ summary, checks }: Report): string {
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

/** What was judged and tested, and what was not. */
export function covers(report: Report): string {
  const { nodes, coverage, plan } = report;
  const setting = (name: string) => plan[name]?.value;
  const named = (name: string) => [setting(name)].flat().filter((each) => typeof each === 'string');
  const chosen = (['only', 'skip'] as const).flatMap((name) => {
    const ids = named(name);
    return ids.length === 0 ? [] : [`--${name} ${ids.join(', ')}`];
  });
  const left = chosen.length === 0 ? [] : [`of its checks what ${chosen.join(' and ')} left`];
  if (coverage.pairs > 0) return [...packets(report), ...left, ...pods(report)].join('; ');
  const root = setting('root');
  const saved = named('facts').length > 0;
  const where =
    typeof root === 'string' ? `the directory ${root}` : saved ? 'saved facts of one machine' : 'this machine';
  const who = nodes.length === 1 ? `${where} alone` : `what ${nodes.length} nodes say of themselves`;
  const untested =
    coverage.pods === 'not-asked'
      ? ['nothing between nodes or pods was tested']
      : [...pods(report), `nothing ${podSides(report).oneSided > 0 ? 'else ' : ''}between nodes was tested`];
  return [who, ...left, ...untested].join('; ');
}

/** Who took part, and how many of the pairs that the roles need were tested. */
function packets(report: Report): string[] {
  const { nodes, coverage, checks } = report;
  const { pairs, pairsTested } = coverage;
  const part = `${counted(pairsTested)} of ${counted(pairs)} pairs`;
  const all = pairsTested === pairs;
  const samples = checks.flatMap(({ findings }) => findings.filter(({ reason }) => reason === 'sampled'));
  const sample = samples.map(({ message }) => `sampled: ${message.replace(/\.$/, '')}`);
  if (isMesh(report)) {
    return [`${all ? `all ${counted(pairs)} pairs` : part} that the roles need`, ...sample, ...ownChecks(report)];
  }
  const peers = nodes.filter(({ self }) => !self).length;
  const who = `this node and ${peers} ${peers === 1 ? 'peer' : 'peers'} (${part} that the roles need)`;
  return [
    who,
    `of the ${peers === 1 ? 'peer' : 'peers'} only what is between ${peers === 1 ? 'it' : 'them'} and this node`,
    ...sample,
  ];
}

/** `every node's own checks: 3 pass, w2 and w3 warn` */
function ownChecks({ nodes, checks }: Report): string[] {
  const own = Map.groupBy(
    checks.flatMap(({ findings }) => findings).filter((finding) => finding.nodes.length === 1),
    ({ nodes: [name] }) => name,
  );
  if (own.size === 0) return [];
  const byStatus = Map.groupBy(nodes, ({ name }) => worst((own.get(name) ?? []).map(({ status }) => status)));
  const said = STATUSES.flatMap((status) => {
    const names = (byStatus.get(status) ?? []).map(({ name }) => name);
    if (names.length === 0) return [];
    return [`${status === 'pass' || status === 'skip' ? names.length : some(names)} ${status}`];
  });
  return [`every node's own checks: ${said.join(', ')}`];
}

function pods(report: Report): string[] {
  const { coverage, plan } = report;
  if (coverage.pods === 'not-asked') return ['pods not asked for'];
  if (coverage.pods === 'not-tested') return ['pods asked for, and none could be tested'];
  const how = plan['pods']?.value;
  const { both, oneSided } = podSides(report);
  const others = `pods of ${counted(oneSided)} ${oneSided === 1 ? 'node' : 'nodes'} of the cluster from one side alone`;
  return [
    ...(both || oneSided === 0 ? [typeof how === 'string' ? `${how} pods` : 'throw-away pods'] : []),
    ...(oneSided === 0 ? [] : [others]),
  ];
}
