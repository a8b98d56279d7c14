import { expect, test } from 'vitest';
import { checks } from '../../checks/index.ts';
import { redactedRun } from '../../src/cli/run/redaction.ts';
import { run } from '../../src/engine/run.ts';
import { namesIn } from '../../src/evidence/redaction/names.ts';
import { nextForm } from '../../src/evidence/redaction/forms.ts';
import { addressMap } from '../../src/evidence/redaction/addresses.ts';
import { liveSource } from '../../src/evidence/live.ts';
import { savedSource } from '../../src/evidence/saved.ts';
import { parseEvidence } from '../../src/evidence/saved-file.ts';
import type { Source } from '../../src/evidence/source.ts';
import { facts } from '../../src/facts/index.ts';
import { formats } from '../../src/report/formats/index.ts';
import { reportSchema, type Report } from '../../src/report/schema.ts';
import { rootedSystem } from '../../src/system/rooted.ts';
import { planWith, TOOL } from '../engine/given.ts';
import { withDirectory } from './directory.ts';
import { machines, type Machine } from './machines.ts';

/** Nothing of any machine that we can make comes through, and what is found of it stays the same. */

async function judged(source: Source, said: Machine['plan']): Promise<Report> {
  const plan = planWith(said);
  const { signal } = new AbortController();
  const input = {
    plan,
    planOfPeers: plan,
    source,
    checks,
    command: 'check',
    tool: TOOL,
    signal,
    began: performance.now(),
  };
  for await (const event of run(input)) if (event.type === 'finished') return reportSchema.parse(event.report);
  throw new Error('the run did not finish');
}

const outcomes = ({ verdict, checks: all }: Report) => [
  verdict,
  ...all.flatMap(({ findings }) => findings.map(({ check, status, reason, was }) => [check, status, reason, was])),
];

/** The same without what is replaced: every field and its kind. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? 'text' : value;
  return Object.values(value).map(shapeOf);
}

/** Addresses and identities in a text that are not the same on every machine. */
function formsIn(text: string): string[] {
  const map = addressMap(Buffer.alloc(32));
  const found: string[] = [];
  for (let form = nextForm(text, 0); form !== null; form = nextForm(text, form.start + form.text.length)) {
    if (form.kind === 'address' && (map(form.text)?.freeBits ?? 0) < 8) continue;
    if (!/^(.)\1*$/.test(form.text.replaceAll(/[:-]/g, ''))) found.push(form.text.toLowerCase());
  }
  return found;
}

const RENDERING = { color: false, ascii: false, width: 100, quiet: false, verbose: true };

// A short network may by chance become one that is there: one of 256 in 10.0.0.0/8, with another secret each time.
test.each(Object.entries(machines))('%s', { retry: 2 }, async (_, { files, plan: said }) => {
  await withDirectory(files, async (root) => {
    const plan = planWith({ ...said, redact: true });
    const { signal } = new AbortController();
    const source = liveSource({ system: rootedSystem(root), facts, plan, tool: TOOL, signal });
    const report = await judged(source, said);
    const evidence = source.evidence();
    const { settings } = plan;
    const shown = await redactedRun({ settings, catalogue: { checks, facts }, source, report, files: [] });

    expect(reportSchema.parse(shown.report)).toEqual(shown.report);
    expect(outcomes(shown.report!)).toEqual(outcomes(report));
    expect(shapeOf(shown)).toEqual(shapeOf({ evidence, report }));

    const identifying = new Set([
      ...formsIn(JSON.stringify([evidence, report])),
      ...namesIn(evidence).map(({ name }) => name),
    ]);
    expect(identifying.size).toBeGreaterThan(2);
    const written = [
      JSON.stringify(shown.evidence),
      ...Object.values(formats).map(({ render }) => render(shown.report!, RENDERING)),
    ];
    const words = new Set(written.flatMap((text) => [...text.matchAll(/[\w.:-]+/g)].map(([word]) => word)));
    expect([...identifying].filter((each) => words.has(each))).toEqual([]);
    expect(written.flatMap(formsIn).filter((each) => identifying.has(each))).toEqual([]);

    // What is saved is judged alike by whoever gets it.
    const saved = savedSource([parseEvidence(JSON.stringify(shown.evidence), 'redacted.json')], facts);
    const again = await judged(saved, {});
    const before = await judged(savedSource([parseEvidence(JSON.stringify(evidence), 'redacted.json')], facts), {});
    expect(outcomes(again)).toEqual(outcomes(before));
  });
});
