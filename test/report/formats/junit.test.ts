import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import junit from '../../../src/report/formats/junit.ts';
import type { Report } from '../../../src/report/schema.ts';
import { printable } from '../../../src/values/printable.ts';
import { ROOT } from '../../cli/seaworthy.ts';
import { sixNodes } from '../cluster.ts';
import { FAILED, check, finding, report } from '../given.ts';
import { findingsOf, hostileReport } from '../hostile.ts';
import { PLAIN } from './plain.ts';

const schema = readFileSync(join(import.meta.dirname, 'junit.xsd'), 'utf8');
const render = (given: Report) => junit.render(given, PLAIN);

async function complaints(...documents: readonly string[]): Promise<string> {
  const xml = documents.map((contents, index) => ({ fileName: `${index}.xml`, contents }));
  const { valid, rawOutput } = await validateXML({ xml, schema });
  return valid ? '' : rawOutput;
}

const statuses = report([
  check('a/one', [FAILED, finding()]),
  check('a/two', [
    finding({ status: 'unknown', reason: 'fact-denied', message: 'It could not be read.' }),
    finding({
      status: 'warn',
      reason: 'odd',
      message: 'Odd.',
      was: 'fail',
      because: 'waiver',
      remedy: { text: 'Mend it.' },
    }),
  ]),
  check('a/three', [finding({ status: 'skip', reason: 'other-role', message: 'Not here.' })]),
]);

test('a fail is a failure, what was not decided an error, a skip is skipped, a warning passes and says so', () => {
  const text = render(statuses);
  expect(text).toContain('<testsuites name="seaworthy" tests="5" failures="1" errors="1" time="0.084">');
  expect(text).toContain(
    '<testsuite name="a/two" tests="2" failures="0" errors="1" skipped="0" time="0.001" timestamp="2026-01-02T03:04:05" hostname="w1">',
  );
  expect(text).toContain('<failure type="disabled" message="IPv4 packets are not forwarded.">fail disabled: IPv4');
  expect(text).toContain('\n  sysctl --system</failure>');
  expect(text).toContain('<error type="fact-denied" message="It could not be read.">');
  expect(text).toContain('<system-out>warn odd: Odd.\nsoftened: it fails, and a waiver allows it\nfix: Mend it.\n');
  expect(text).toContain('<skipped message="other-role: Not here."/>');
});

test('xmllint finds it well-formed, and as the schema has it', async () => {
  expect(await complaints(render(statuses), render(sixNodes()), render(report([])))).toBe('');
  expect(await complaints(render(statuses).replace('<failure ', '<failed '))).not.toBe('');
});

test('the machines that are expected', async () => {
  const files = globSync('test/hosts/expected/outputs/*/report.xml', { cwd: ROOT });
  expect(files.length).toBeGreaterThan(3);
  expect(await complaints(...files.map((file) => readFileSync(join(ROOT, file), 'utf8')))).toBe('');
});

test('whatever comes from outside stays text', { timeout: 60_000 }, async () => {
  const given = fc.sample(hostileReport(), 60);
  expect(await complaints(...given.map(render))).toBe('');
  for (const each of given) {
    const text = render(each);
    const cases = [...text.matchAll(/<testcase classname="[^"]*" name="([^"]*)"/g)].map(([, name]) =>
      plain(name ?? ''),
    );
    expect(cases).toEqual(findingsOf(each).map(({ subject, nodes }) => shown(`${subject} (${nodes.join(', ')})`)));
    const messages = [...text.matchAll(/<failure type="[^"]*" message="([^"]*)"/g)].map(([, said]) =>
      plain(said ?? ''),
    );
    const failed = findingsOf(each).filter(({ status }) => status === 'fail');
    expect(messages).toEqual(failed.map(({ message }) => shown(message)));
  }
});

/** What a reader of XML makes of an attribute. */
function plain(text: string): string {
  const characters: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', amp: '&' };
  return text.replaceAll(/&(\w+);/g, (_, name: string) => characters[name] ?? '');
}

function shown(text: string): string {
  return printable(text).replaceAll(/[\uFFFE\uFFFF]/g, '\uFFFD');
}
