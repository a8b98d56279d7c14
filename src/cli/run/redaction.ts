import * as z from 'zod';
import { evidenceJsonSchema } from '../../evidence/evidence-schema.ts';
import type { Redacted } from '../../evidence/redaction/redact.ts';
import type { Source } from '../../evidence/source.ts';
import type { Settings } from '../../plan/settings.ts';
import { reportSchema, type Report } from '../../report/schema.ts';
import { heldLines } from '../output/held-lines.ts';
import { complainHeld } from '../output/print.ts';
import type { Catalogue } from './catalogue.ts';

interface Found {
  readonly settings: Settings;
  readonly catalogue: Catalogue;
  readonly source: Source;
  /** Null where nothing was judged. */
  readonly report: Report | null;
  /** Files that were named on the command line. */
  readonly files: readonly string[];
}

/** With --redact what is written of a run hides who it is about, and so do the lines of standard error that waited for it. */
export async function redactedRun({ settings, catalogue, source, report, files }: Found): Promise<Redacted> {
  const evidence = source.evidence();
  if (!settings.redact) return { evidence, report };
  const { redacted } = await import('../../evidence/redaction/redact.ts');
  const isOrdinary = await ordinaryWords(catalogue);
  const { text, ...hidden } = redacted({ evidence, report, settings, told: heldLines(), files, isOrdinary });
  complainHeld(text);
  return hidden;
}

/** What waited although no run came of it: who is named there is hidden as far as anybody knows. */
export async function complainUnheard(argv: readonly string[]): Promise<void> {
  const told = heldLines();
  if (told.lines.length === 0) return;
  const [{ checks }, { facts }, { lineWords }, { COMMANDS }] = await Promise.all([
    import('../../../checks/index.ts'),
    import('../../facts/index.ts'),
    import('../../evidence/redaction/redact.ts'),
    import('../command-line/commands.ts'),
  ]);
  const isWord = await ordinaryWords({ checks, facts });
  const variables = Object.entries(process.env).flatMap(([name, value]) =>
    name.startsWith('SEAWORTHY_') ? (value ?? []) : [],
  );
  const isOrdinary = (name: string) => isWord(name) || COMMANDS.some((command) => command.name === name);
  complainHeld(lineWords(told, [...argv, ...variables], isOrdinary));
}

/** The same of the effective plan as text. */
export async function redactedConfiguration(text: string, settings: Settings, catalogue: Catalogue): Promise<string> {
  if (!settings.redact) return text;
  const hide = await complainPlanned(settings, catalogue, text);
  return hide(text);
}

/** What waited, where the plan is known and nothing is observed yet; returns what hides names in it and in a text of the plan. */
export async function complainPlanned(
  settings: Settings,
  catalogue: Catalogue,
  text = '',
): Promise<(text: string) => string> {
  const { planWords } = await import('../../evidence/redaction/redact.ts');
  const hide = planWords(text, settings, heldLines(), await ordinaryWords(catalogue));
  complainHeld(hide);
  return hide;
}

/** Whether a word is one of our sentences, as far as what is written of the checks and of the documents has them, or all that a document holds by itself. */
async function ordinaryWords({ checks, facts }: Catalogue): Promise<(name: string) => boolean> {
  const { pages } = await import('../../../checks/pages.ts');
  const schemas = JSON.stringify([evidenceJsonSchema(facts), z.toJSONSchema(reportSchema, { io: 'input' })]);
  const ids = checks.flatMap(({ id, title, reasons }) => [id, title, ...Object.keys(reasons)]);
  const prose = [...Object.values(pages), schemas, ...ids].join('\n').toLowerCase();
  const exact = [...schemas.matchAll(/"([\w-]+)"/g)].map(([, word = '']) => word.toLowerCase());
  // Without digits: pages show examples, and names like theirs are names.
  const words = prose.match(/(?<![\p{L}\p{N}])[a-z]+(?:-[a-z]+)*(?![\p{L}\p{N}])/gu) ?? [];
  const ordinary = new Set([...exact, ...words, ...words.flatMap((word) => word.split('-'))]);
  return (name) => ordinary.has(name);
}
