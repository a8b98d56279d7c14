import type { Finding, ProbeEvidence } from '../../report/schema.ts';
import { glyph } from '../../report/text/theme.ts';
import { formatPortRange, parsePortRange, type PortRange } from '../../values/port-range.ts';
import { STATUSES, type Status } from '../../values/status.ts';
import { mark, tint, type Look } from './look.ts';

/** A range is drawn from so many ports on. */
const FEWEST = 20;

interface Part {
  readonly range: PortRange;
  readonly status: Status;
}

/** A range of ports that was swept together, drawn from its first port to its last, so that a hole is seen at once; nothing where there is none. */
export function strip(finding: Finding, all: readonly Finding[], width: number, look: Look): string[] {
  const { probe } = finding;
  if (probe === undefined) return [];
  const parts = all
    .flatMap((each): Part[] => {
      const range = each.probe !== undefined && isSwept(probe, each.probe) ? parsePortRange(each.probe.to.port) : null;
      return range === null ? [] : [{ range, status: each.status }];
    })
    .sort((a, b) => a.range.first - b.range.first);
  const first = parts[0]?.range.first ?? 0;
  const last = Math.max(0, ...parts.map(({ range }) => range.last));
  const total = last - first + 1;
  if (parts.length === 0 || total < FEWEST) return [];
  const room = Math.max(10, width - 16);
  const each = Math.ceil(total / room);
  const marks = Array.from({ length: Math.ceil(total / each) }, (_, index) =>
    markOf(parts, { first: first + index * each, last: Math.min(last, first + (index + 1) * each - 1) }, look),
  );
  const selected = parsePortRange(probe.to.port);
  return [
    ` ${probe.to.protocol} ${formatPortRange({ first, last })}, ${each} ${each === 1 ? 'port' : 'ports'} a mark`,
    ` ${String(first).padStart(5)} ${joined(marks, look)} ${last}`,
    ...(selected === null || parts.length === 1 ? [] : [` ${' '.repeat(6)}${pointer(selected, first, each)}`]),
    `       ${legend(marks, look)}`,
  ];
}

function isSwept(one: ProbeEvidence, other: ProbeEvidence): boolean {
  return (
    one.from.node === other.from.node &&
    one.to.node === other.to.node &&
    one.to.address === other.to.address &&
    one.to.protocol === other.to.protocol &&
    one.purpose === other.purpose
  );
}

interface Mark {
  readonly text: string;
  readonly tone: Status | null;
  readonly means: string;
}

const MEANS: Readonly<Record<Status, string>> = {
  pass: 'open',
  fail: 'fails',
  unknown: 'undecided',
  warn: 'with a warning',
  skip: 'not tried',
};

function markOf(parts: readonly Part[], { first, last }: PortRange, look: Look): Mark {
  const within = parts.filter(({ range }) => range.first <= last && range.last >= first);
  const statuses = STATUSES.filter((status) => within.some((part) => part.status === status));
  const [status, ...others] = statuses;
  if (status === undefined) return { text: ' ', tone: null, means: '' };
  if (others.length > 0) return { text: mark('partly', look), tone: status, means: 'partly' };
  // One column each, so that a port has its place.
  const text = look.ascii ? { pass: '.', fail: 'X', unknown: '?', warn: '!', skip: '-' }[status] : glyph(status, false);
  return { text, tone: status, means: MEANS[status] };
}

/** Neighbours of one colour are painted together. */
function joined(marks: readonly Mark[], look: Look): string {
  let line = '';
  let run = '';
  let tone: Status | null = null;
  for (const each of [...marks, null]) {
    if (each === null || each.tone !== tone) {
      line += tint(run, tone, look);
      run = '';
    }
    if (each !== null) {
      tone = each.tone;
      run += each.text;
    }
  }
  return line;
}

/** Below the ports that the finding is about. */
function pointer({ first: from, last: to }: PortRange, first: number, each: number): string {
  const start = Math.floor((from - first) / each);
  const length = Math.floor((to - first) / each) - start + 1;
  return ` ${' '.repeat(Math.max(0, start))}${'^'.repeat(Math.max(1, length))}`;
}

function legend(marks: readonly Mark[], look: Look): string {
  const known = new Map(marks.filter(({ means }) => means !== '').map((each) => [each.means, each]));
  return [...known.values()].map(({ text, tone, means }) => `${tint(text, tone, look)} ${means}`).join('  ');
}
