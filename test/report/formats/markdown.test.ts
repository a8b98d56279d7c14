import * as fc from 'fast-check';
import { lexer, walkTokens, type Token, type Tokens } from 'marked';
import { expect, test } from 'vitest';
import type { Rendering } from '../../../src/report/formats/define-format.ts';
import markdown from '../../../src/report/formats/markdown.ts';
import type { Report } from '../../../src/report/schema.ts';
import { printable } from '../../../src/values/printable.ts';
import { sixNodes } from '../cluster.ts';
import { FAILED, check, finding, report } from '../given.ts';
import { findingsOf, hostileReport } from '../hostile.ts';
import { PLAIN } from './plain.ts';

const render = (given: Report, over: Partial<Rendering> = {}) => markdown.render(given, { ...PLAIN, ...over });

/** All tokens that a reader of GitHub Flavored Markdown finds, however deep. */
function tokensOf(text: string): Token[] {
  const found: Token[] = [];
  void walkTokens(lexer(text, { gfm: true }), (token) => {
    found.push(token);
  });
  return found;
}

const isTable = (token: Token): token is Tokens.Table => token.type === 'table';
const isHeading = (token: Token): token is Tokens.Heading => token.type === 'heading';
const isCode = (token: Token): token is Tokens.Code => token.type === 'code';

test('the verdict, what it covers, a row for each category, and each fault in full', () => {
  const text = render(report([check('kernel/ip-forward', [FAILED]), check('a/good', [finding()])]));
  expect(text).toMatch(/^## seaworthy: not ready\n\n1 fail, .* covers this machine alone; nothing between nodes/);
  const tokens = tokensOf(text);
  expect(tokens.filter(isHeading).map((token) => token.text)).toEqual([
    'seaworthy: not ready',
    'fail: `kernel/ip-forward` `net.ipv4.ip_forward` `disabled`',
  ]);
  expect(tokens.filter(isTable).map(({ rows }) => rows.map(([first, second]) => [first?.text, second?.text]))).toEqual([
    [['w1', '10.0.0.12']],
    [
      ['kernel', '**fail**'],
      ['a', 'pass'],
    ],
  ]);
  expect(tokens.filter(isCode)).toMatchObject([{ lang: 'sh', text: FAILED.remedy?.commands?.join('\n') }]);
  expect(text).toContain('- **why**: Packets from and to pods of this node are dropped');
  expect(text).toContain('<https://example.org/kernel/ip-forward>');
});

test('only what is wrong, when it is to be quiet; many alike are counted', () => {
  const many = Array.from({ length: 5 }, (_, index) => ({ ...FAILED, subject: `net${index}` }));
  const given = report([check('kernel/ip-forward', many)]);
  expect(tokensOf(render(given, { quiet: true })).filter(isTable)).toEqual([]);
  expect(render(given)).toContain('2 more like this: net3, net4');
  expect(tokensOf(render(given, { verbose: true })).filter(isHeading)).toHaveLength(6);
});

test('what happened alike between several nodes is told once', () => {
  const text = render(sixNodes());
  expect(text).toContain('### fail: `ports/reachable` `cp1, cp2, cp3 → w2` `tcp/10250` `request-lost`');
  expect(text).toContain('- **receiver**: our listener was up, nothing arrived');
});

test('whatever comes from outside stays text', () => {
  fc.assert(
    fc.property(hostileReport(), (given) => {
      const tokens = tokensOf(render(given, { verbose: true }));
      const wrong = findingsOf(given).filter(({ status }) => status !== 'pass' && status !== 'skip');
      expect(tokens.filter(isHeading)).toHaveLength(1 + wrong.length);
      const tables = tokens.filter(isTable);
      expect(tables.map(({ header, rows }) => [header.length, rows.length])).toEqual([
        [5, given.nodes.length],
        [7, 2],
      ]);
      for (const table of tables) for (const row of table.rows) expect(row).toHaveLength(table.header.length);
      const html = tokens.filter(({ type }) => type === 'html').map(({ raw }) => raw);
      expect(html.filter((raw) => raw.trim() !== '<!-- -->')).toEqual([]);
      expect(
        tokens.filter(({ type }) => ['image', 'del', 'em', 'blockquote', 'checkbox', 'hr'].includes(type)),
      ).toEqual([]);
      const links = tokens.filter((token): token is Tokens.Link => token.type === 'link');
      // What is written like an address may be shown as one, under its own name.
      for (const { href, text } of links)
        expect(href.replace(/^(?:http:\/\/|mailto:)/, '')).toContain(text.replace(/^http:\/\//, ''));
      const commands = wrong.flatMap(({ remedy }) =>
        (remedy?.commands ?? []).length > 0 ? [remedy?.commands ?? []] : [],
      );
      expect(tokens.filter(isCode).map(({ text }) => text.trim())).toEqual(
        expect.arrayContaining(commands.map(pasted)),
      );
    }),
    { numRuns: 60 },
  );
});

test('nobody is called and no other ticket, and nothing is endless', () => {
  const message = `@everyone #1 ${'x'.repeat(100_000)}`;
  const text = render(report([check('a/bad', [{ ...FAILED, message }])]));
  expect(text).not.toMatch(/@everyone|#1/);
  expect(text.length).toBeLessThan(5_000);
});

function pasted(commands: readonly string[]): string {
  return commands.map(printable).join('\n').trim();
}
