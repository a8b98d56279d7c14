import { STATUSES, worst } from '../../values/status.ts';
import type { CheckReport, Report } from '../schema.ts';
import type { Layout, Mark, Span } from './layout.ts';
import { glyph } from './theme.ts';

/** Up to so many passing checks are named; more are counted. */
const NAMED = 4;
const STATUS_WIDTH = 9;

/** One line for each category: its worst status, then its checks, what is wrong first. */
export function categories({ checks }: Report, layout: Layout): string[] {
  const byCategory = [...Map.groupBy(checks, ({ category }) => category)];
  const width = Math.max(0, ...byCategory.map(([name]) => name.length)) + 3;
  const hanging = width + STATUS_WIDTH > layout.width / 2 ? 4 : width + STATUS_WIDTH;
  return byCategory.flatMap(([name, members]) => {
    const status = worst(members.map((check) => check.status));
    const spans: (Span | Mark)[] = [
      { text: name, tone: 'strong' },
      { text: `${' '.repeat(width - name.length)}${status}`, tone: status },
      ...items(members, layout.ascii).flatMap(([mark, text], index): (Span | Mark)[] => {
        const gap = index === 0 ? STATUS_WIDTH - status.length : 2;
        return [{ ...mark, text: `${' '.repeat(gap)}${mark.text}` }, ` ${text}`];
      }),
    ];
    return layout.paragraph(spans, { hanging });
  });
}

type Item = readonly [mark: Mark, text: string];

function items(members: readonly CheckReport[], ascii: boolean): Item[] {
  return STATUSES.flatMap((status): Item[] => {
    const these = members.filter((check) => check.status === status);
    const mark: Mark = { text: glyph(status, ascii), tone: status, sticky: true };
    if (these.length === 0) return [];
    if (status === 'skip') {
      const byWhy = Map.groupBy(these, whySkipped);
      return [...byWhy].map(([why, skipped]) => [mark, `${skipped.map(shortName).join(', ')}: ${why}`]);
    }
    if (status !== 'pass' || these.length <= NAMED) return [[mark, these.map(shortName).join(', ')]];
    const faults = members.some((check) => check.status !== 'pass' && check.status !== 'skip');
    return [[mark, faults ? `${these.length} more` : `${these.length} checks`]];
  });
}

function shortName({ id, category }: CheckReport): string {
  return id.startsWith(`${category}/`) ? id.slice(category.length + 1) : id;
}

/** A check is skipped when all its findings are; the first one says why. */
export function whySkipped({ findings: [first] }: CheckReport): string {
  if (first?.reason === 'not-named') return `no ${first.subject}`;
  if (first?.reason === 'no-peers') return 'no other node';
  if (first?.reason === 'not-asked') return first.subject.startsWith('--skip ') ? first.subject : `no ${first.subject}`;
  return (first?.reason ?? '').replaceAll('-', ' ');
}
