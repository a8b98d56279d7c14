import type { Reasons } from '../../engine/check.ts';
import type { Observation } from './observation.ts';
import { filled, filledCommand } from './placeholders.ts';
import type { Rule } from './rules-schema.ts';

/** For `explain`, from what a rule without a page of its own says. */
export function pageOf(id: string, { title, docs, fail }: Rule, observed: Observation, reasons: Reasons): string {
  const { subject, expected } = observed;
  const words = { subject, expected, actual: 'what is found' };
  const { text, commands = [] } = fail.remedy;
  const rows = Object.entries(reasons).map(([reason, status]) => `| \`${reason}\` | ${status} |`);
  return [
    `# ${id}`,
    `${title}.`,
    '## Why it matters',
    ...(fail.why === undefined ? [] : [filled(fail.why, words)]),
    docs,
    '## How it is judged',
    `\`${subject}\` is held against: ${expected}.`,
    ['| reason | status |', '|---|---|', ...rows].join('\n'),
    '## How to fix it',
    filled(text, words),
    ...(commands.length === 0 ? [] : [commands.map((each) => `    ${filledCommand(each, words)}`).join('\n')]),
    '## When to ignore it',
    `Where what it asks for is not needed: \`--skip ${id}\` leaves it out.`,
    '',
  ].join('\n\n');
}
