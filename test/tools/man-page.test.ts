import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/command-line/commands.ts';
import { OPTIONS } from '../../src/plan/options/options.ts';
import { manPage } from '../../tools/man-page.ts';

const page = manPage({ version: '1.2.3', date: '2026-01-02' });
/** Without what is there for roff alone. */
const plain = page.replaceAll('\\-', '-').replaceAll('\\(dq', '"');

test('every command, option and variable has its place', () => {
  const words = (text: string) => text.replaceAll(/\s+/g, ' ');
  for (const { name, summary, examples } of COMMANDS) {
    expect(plain).toContain(`.SS "${name}"\n.B "seaworthy ${name}`);
    expect(words(plain)).toContain(words(summary));
    for (const { line, shows } of examples) expect(words(plain)).toContain(words(`.TP .B "${line}" ${shows}`));
  }
  for (const { name } of OPTIONS.filter(({ sources }) => sources.includes('flag'))) {
    expect(plain).toMatch(new RegExp(`^\\.B "(?:-\\w, )?--${name}[ "]`, 'm'));
  }
  expect(plain).toContain('.B "SEAWORTHY_NODE_IP"\nas --node-ip\n');
});

test('it is of this version, and nothing but ASCII', () => {
  expect(page).toContain('.TH SEAWORTHY 1 2026-01-02 "seaworthy 1.2.3" "User Commands"\n');
  expect(page).toMatch(/^[\n\x20-\x7E]*$/);
});
