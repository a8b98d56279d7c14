import { parsePortRange } from '../../values/port-range.ts';
import type { Finding } from '../schema.ts';
import { counted } from './names.ts';
import { pairOf, type Pair } from './pairs.ts';

/** What happened alike between several nodes, told once. */
export interface Story {
  readonly first: Finding;
  readonly findings: readonly Finding[];
  readonly left: readonly string[];
  readonly arrow: '→' | '↔';
  /** Null when those of `left` stand to each other so. */
  readonly right: readonly string[] | null;
  /** `tcp/10250`, or how many probes it is about. */
  readonly label: string;
  /** ` (500 of 2,768; the rest is open)`: what part of a range that was swept together it is. */
  readonly note: string;
}

interface Told {
  readonly finding: Finding;
  readonly pair: Pair;
}

/** Of these nothing was learned because of a machine, whatever the port: they are told once for all ports. */
const OF_MACHINES: ReadonlySet<string> = new Set(['peer-unreachable', 'undecided']);

/** Stories about pairs in the order of their first findings. `all` is what else is known of the same pairs. */
export function storiesOf(findings: readonly Finding[], all: readonly Finding[]): Story[] {
  const noteOf = noting(all);
  const told = findings.flatMap((finding): Told[] => {
    const pair = pairOf(finding);
    return pair === null ? [] : [{ finding, pair }];
  });
  const alike = Map.groupBy(told, ({ finding }) => {
    const { reason, check, because, waiver, probe } = finding;
    const port = OF_MACHINES.has(reason) ? [] : [check, labelOf(finding), probe?.purpose, noteOf(finding)];
    return JSON.stringify([reason, because, waiver, ...port]);
  });
  return [...alike.values()].flatMap((group) => starsOf(group).map((star) => storyOf(star, noteOf)));
}

/** Each finding as a story of its own. */
export function storyOfOne(finding: Finding, { from, to }: Pair): Story {
  return {
    first: finding,
    findings: [finding],
    left: [from],
    arrow: '→',
    right: [to],
    label: labelOf(finding),
    note: '',
  };
}

function storyOf({ told, ...ends }: Star, noteOf: (finding: Finding) => string): Story {
  const findings = told.map(({ finding }) => finding);
  const [first] = told;
  const labels = new Set(findings.map(labelOf));
  const label = labels.size === 1 ? labelOf(first.finding) : `${findings.length} probes`;
  return { first: first.finding, findings, ...ends, label, note: labels.size === 1 ? noteOf(first.finding) : '' };
}

/** The port of a pod is anyone: what is meant is said by the subject. */
function labelOf({ probe, subject }: Finding): string {
  return probe === undefined || (probe.to.pod ?? null) !== null ? subject : `${probe.to.protocol}/${probe.to.port}`;
}

type Star = Pick<Story, 'left' | 'arrow' | 'right'> & { readonly told: readonly [Told, ...Told[]] };

/** Pairs around the node that most of them share, then what is left around the next. */
function starsOf(group: readonly Told[]): Star[] {
  const everyone = cliqueOf(group);
  if (everyone !== null) return [everyone];
  const stars: Star[] = [];
  let left = [...group];
  while (left.length > 0) {
    const star = biggestStar(left);
    if (star === null) break;
    stars.push(star);
    const taken = new Set(star.told);
    left = left.filter((each) => !taken.has(each));
  }
  return stars;
}

/** Three nodes or more, each pair of them in both directions. */
function cliqueOf(told: readonly Told[]): Star | null {
  const [first, ...others] = told;
  const names = unique(told.flatMap(({ pair }) => [pair.from, pair.to]));
  const pairs = new Set(told.map(({ pair }) => JSON.stringify([pair.from, pair.to])));
  if (first === undefined || names.length < 3 || pairs.size < names.length * (names.length - 1)) return null;
  return { left: names, arrow: '↔', right: null, told: [first, ...others] };
}

/** All that comes in at a node, all that goes out of it, or what does both. */
function biggestStar(told: readonly Told[]): Star | null {
  const into = Map.groupBy(told, ({ pair }) => pair.to);
  const outOf = Map.groupBy(told, ({ pair }) => pair.from);
  const candidates = unique(told.flatMap(({ pair }) => [pair.to, pair.from])).flatMap((hub) => {
    const came = into.get(hub) ?? [];
    const went = outOf.get(hub) ?? [];
    const senders = unique(came.map(({ pair }) => pair.from));
    const receivers = unique(went.map(({ pair }) => pair.to));
    const mutual = new Set(senders.filter((name) => receivers.includes(name)));
    const both = [
      ...went.filter(({ pair }) => mutual.has(pair.to)),
      ...came.filter(({ pair }) => mutual.has(pair.from)),
    ];
    return [
      star(senders, '→', [hub], came),
      // Receivers have each its own remedy, unless it is the sender that is to be mended.
      ...(haveOneRemedy(went) ? [star([hub], '→', receivers, went)] : []),
      star([hub], '↔', [...mutual], both),
    ].filter((each) => each !== null);
  });
  const [first, ...others] = candidates;
  if (first === undefined) return null;
  return others.reduce((best, each) => (each.told.length > best.told.length ? each : best), first);
}

function star(left: readonly string[], arrow: Star['arrow'], right: readonly string[], told: readonly Told[]) {
  const [first, ...others] = told;
  return first === undefined ? null : ({ left, arrow, right, told: [first, ...others] } satisfies Star);
}

function haveOneRemedy(told: readonly Told[]): boolean {
  return unique(told.map(({ finding }) => JSON.stringify(finding.remedy))).length < 2;
}

function noting(all: readonly Finding[]): (finding: Finding) => string {
  const swept = Map.groupBy(all, sweepOf);
  return (finding) => {
    const parts = finding.probe === undefined ? [] : (swept.get(sweepOf(finding)) ?? []);
    const total = parts.reduce((sum, part) => sum + sizeOf(part), 0);
    const others = parts.filter((part) => part !== finding);
    if (others.length === 0 || total === parts.length) return '';
    const rest = others.every(({ status }) => status === 'pass') ? '; the rest is open' : '';
    return ` (${counted(sizeOf(finding))} of ${counted(total)}${rest})`;
  };
}

function sweepOf({ check, probe }: Finding): string {
  return JSON.stringify([
    check,
    probe?.from.node,
    probe?.to.node,
    probe?.to.address,
    probe?.to.protocol,
    probe?.purpose,
  ]);
}

function sizeOf({ probe }: Finding): number {
  const range = parsePortRange(probe?.to.port ?? '');
  return range === null ? 1 : range.last - range.first + 1;
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
