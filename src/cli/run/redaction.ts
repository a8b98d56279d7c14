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
  const [{ redacted }, { pages }] = await Promise.all([
    import('../../evidence/redaction/redact.ts'),
    import('../../../checks/pages.ts'),
  ]);
  const words = ordinaryWords(catalogue, Object.values(pages));
  return redacted({ evidence, report, settings, files, isOrdinary: (name) => words.has(name) });
}

/** The words of our sentences, as far as what is written of the checks and of the documents has them, and all that a document holds by itself. */
function ordinaryWords({ checks, facts }: Catalogue, pages: readonly string[]): ReadonlySet<string> {
  const schemas = JSON.stringify([evidenceJsonSchema(facts), z.toJSONSchema(reportSchema, { io: 'input' })]);
  const ids = checks.flatMap(({ id, title, reasons }) => [id, title, ...Object.keys(reasons)]);
  const prose = [...pages, schemas, ...ids].join('\n').toLowerCase();
  const exact = [...schemas.matchAll(/"([\w-]+)"/g)].map(([, word = '']) => word.toLowerCase());
  // Without digits: pages show examples, and names like theirs are names.
  const words = prose.match(/(?<![\p{L}\p{N}])[a-z]+(?:-[a-z]+)*(?![\p{L}\p{N}])/gu) ?? [];
  return new Set([...exact, ...words, ...words.flatMap((word) => word.split('-'))]);
}
