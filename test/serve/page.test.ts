import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import type { Report } from '../../src/report/schema.ts';
import { healthOf } from '../../src/serve/health.ts';
import { pageOf, waitingPage } from '../../src/serve/page.ts';
import { sixNodes } from '../report/cluster.ts';
import { printable } from '../../src/values/printable.ts';
import { check, FAILED, finding, report } from '../report/given.ts';
import { hostileReport } from '../report/hostile.ts';
import { ended, runsOf } from './given.ts';

function pageText(given: Report): string {
  const runs = runsOf({ last: ended(given) });
  const page = pageOf(given);
  return page.before(healthOf(runs, null, 600_000), runs) + page.report();
}

/** Elements by name, as a parser that knows nothing of ours would count them. */
function elements(text: string): Map<string, number> {
  const names = [...text.matchAll(/<([a-z0-9]+)[\s>/]/g)].map(([, name = '']) => name);
  return new Map([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]));
}

test('who, what holds, what is wrong and what to do', () => {
  const text = pageText(report([check('kernel/ip-forward', [FAILED]), check('kernel/modules', [finding()])]));
  for (const words of [
    '<title>w1: not ready - seaworthy</title>',
    'NOT READY',
    '1 fail',
    'nothing between nodes or pods was tested',
    'The last run ended 3 s ago',
    'IPv4 packets are not forwarded.',
    '0, set by /etc/sysctl.d/50-hardening.conf:12',
    'Turn it on, now and for every boot.',
    '<pre>echo &#39;net.ipv4.ip_forward = 1&#39; &gt; /etc/sysctl.d/99-kubernetes.conf\nsysctl --system\n</pre>',
    'href="/report.json"',
  ])
    expect(text).toContain(words);
});

test('nothing is loaded, and no status is told by colour alone', () => {
  const text = pageText(report([check('kernel/ip-forward', [FAILED])]));
  expect(text).not.toMatch(/<(?:script|img|link|iframe|object|embed)\b|\bsrc=|url\(|@import/);
  for (const [, status = '', inside = ''] of text.matchAll(/<span class="status (\w+)">(.*?)<\/span>\s*(?=\w)/g))
    expect(inside).not.toBe(status);
  const marks = [...text.matchAll(/<span class="status (\w+)"><span aria-hidden="true">(.)<\/span> (\w+)<\/span>/g)];
  expect(marks.length).toBe([...text.matchAll(/class="status /g)].length);
  for (const [, status, , word] of marks) expect(word).toBe(status);
});

test('a cluster: packets are told with both sides', () => {
  const text = pageText(sixNodes());
  expect(text).toContain(' → ');
  expect(text).toContain('<b>sender</b>');
});

test('thousands of findings are not thousands of lines', () => {
  const many = Array.from({ length: 5_000 }, (_, index) => finding({ ...FAILED, subject: `it ${index}` }));
  const text = pageText(report([check('kernel/ip-forward', many)]));
  expect(text.length).toBeLessThan(60_000);
  expect(text).toContain('4995 more like this');
});

test('the page of a report that means no good is well-formed, and has no element but ours', async () => {
  expect(await problemsOf('<html><p></html>')).not.toBe('');
  const plain = elements(pageText(report([check('kernel/ip-forward', [FAILED])])));
  const known = new Set([...plain.keys(), 'p', 'table', 'li', 'ul']);
  await fc.assert(
    fc.asyncProperty(hostileReport(), async (given) => {
      const text = pageText(given);
      expect([...elements(text).keys()].filter((name) => !known.has(name))).toEqual([]);
      expect(text.replaceAll('\n', '')).toBe(printable(text.replaceAll('\n', '')));
      expect(await problemsOf(text)).toBe('');
    }),
    { numRuns: 60 },
  );
});

test('where there is no report yet', () => {
  expect(waitingPage(healthOf(runsOf(), null, 1))).toContain('no run has ended yet');
});

/** What xmllint has to say of a document of any elements. */
async function problemsOf(text: string): Promise<string> {
  const any =
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="html" type="xs:anyType"/></xs:schema>';
  const xml = [{ fileName: 'page.xml', contents: text.replaceAll(/[\uFFFE\uFFFF]/g, '') }];
  const { valid, rawOutput } = await validateXML({ xml, schema: [any] });
  return valid ? '' : rawOutput;
}
