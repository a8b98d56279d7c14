import * as z from 'zod';
import { BadValue, mustBe } from './errors.ts';
import type { Waiver } from './settings.ts';

export const WAIVER_KEYS = ['check', 'reason', 'subject', 'nodes', 'why', 'until'] as const;

/** The list of waivers in seaworthy.yaml: what may fail, and why. */
export function waiversSchema() {
  const word = z.union([z.string(), z.number()]);
  return z.array(
    z.strictObject({
      check: z
        .string()
        .nullish()
        .describe('id of the check whose fail is waived; it, `reason` or both have to be there'),
      reason: z.string().nullish().describe('reason of the fail, a code; of any check where none is named'),
      subject: word.describe('subject of the fail; * stands for any characters, ? for one'),
      nodes: z
        .union([word, z.array(word)])
        .nullish()
        .describe(
          'names of nodes, * and ? as above; of a fail between nodes each one has to be named. Any unless said',
        ),
      why: z.string().describe('why it may fail; the report shows it'),
      until: z
        .string()
        .nullish()
        .describe('the last day on which it holds, in UTC, as 2026-12-31; for good unless said'),
    }),
  );
}

type Given = z.infer<ReturnType<typeof waiversSchema>>[number];

/** A waiver as it was written down; throws a BadValue. */
export function toWaiver({ check, reason, subject, nodes, why, until }: Given, place: string): Waiver {
  const waiver = {
    check: textOf(check),
    reason: textOf(reason),
    subject: String(subject).trim(),
    nodes: (Array.isArray(nodes) ? nodes : [nodes]).flatMap((name) => textOf(name) ?? []),
    why: why.trim(),
    until: textOf(until),
    place,
  };
  if (waiver.check === null && waiver.reason === null)
    throw new BadValue('names neither a check nor a reason, as in "check: ports/available" or "reason: in-use"');
  if (waiver.subject === '') throw new BadValue('names no subject; "*" stands for any');
  if (waiver.why === '') throw new BadValue('does not say why it may fail');
  if (waiver.until !== null && !isDay(waiver.until)) throw mustBe('a day as until, such as 2026-12-31');
  return waiver;
}

function textOf(value: string | number | null | undefined): string | null {
  const text = String(value ?? '').trim();
  return text === '' ? null : text;
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  // The 30th of February is parsed as a day in March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
