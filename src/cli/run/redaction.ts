import * as z from 'zod';
import { evidenceJsonSchema } from '../../evidence/evidence-schema.ts';
import type { Redacted } from '../../evidence/redaction/redact.ts';
import type { Source } from '../../evidence/source.ts';
import type { Settings } from '../../plan/settings.ts';
import { reportSchema, type Report } from '../../report/schema.ts';
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

/** With --redact what is written of a run hides who it is about. */
export async function redactedRun({ settings, catalogue, source, report, files }: Found): Promise<Redacted> {
  const evidence = source.evidence();
  if (!settings.redact) return { evidence, report };
  const { redacted } = await import('../../evidence/redaction/redact.ts');
  return redacted({ evidence, report, settings, files, isOrdinary: await ordinaryWords(catalogue) });
}

/** The same of the effective plan as text. */
export async function redactedConfiguration(text: string, settings: Settings, catalogue: Catalogue): Promise<string> {
  if (!settings.redact) return text;
  const { redactedPlan } = await import('../../evidence/redaction/redact.ts');
  return redactedPlan(text, settings, await ordinaryWords(catalogue));
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
