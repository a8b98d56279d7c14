import * as z from 'zod';
import { misfit } from '../../values/misfit.ts';
import { printable } from '../../values/printable.ts';
import { reportSchema } from '../schema.ts';

/** Longer files are not read: a report of fifty nodes with all their pairs takes some ten megabytes. */
export const REPORT_LIMIT = 32 * 1024 * 1024;

const { checks, ...frameShape } = reportSchema.pick({
  schema: true,
  tool: true,
  run: true,
  verdict: true,
  checks: true,
}).shape;
const check = checks.element.pick({ id: true }).extend({ findings: z.array(z.unknown()) });
const finding = checks.element.shape.findings.element.pick({
  check: true,
  nodes: true,
  subject: true,
  status: true,
  reason: true,
  message: true,
});
const frame = z.object({ ...frameShape, checks: z.array(z.unknown()) });
const hidden = z.object({ plan: z.object({ redact: z.object({ value: z.literal(true) }) }) });

/** What of a report is compared: a report that was saved by a later seaworthy may hold more. */
export type SavedReport = Pick<z.infer<typeof reportSchema>, 'tool' | 'run' | 'verdict'> & {
  readonly findings: readonly z.infer<typeof finding>[];
  /** `--redact` put words of that run in the place of names and addresses. */
  readonly redacted: boolean;
};

/** A file that cannot be compared, as a sentence. */
export class ReportError extends Error {
  override readonly name = 'ReportError';
}

/** Throws a ReportError; `name` is the file. */
export function readReport(text: string, name: string): SavedReport {
  const file = printable(name);
  const document = parsed(text, file);
  refuseOthers(document, file);
  // One by one, so that a hostile list of a million nothings is refused at its first.
  const { tool, run, verdict, checks: all } = held(frame, document, file);
  const findings = all.flatMap((each) => held(check, each, file).findings.map((one) => held(finding, one, file)));
  return { tool, run, verdict, findings, redacted: hidden.safeParse(document).success };
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new ReportError(`${file} is not JSON, so it is no report; \`seaworthy check --json\` prints one.`);
  }
}

function refuseOthers(document: unknown, file: string): void {
  const { value: known } = reportSchema.shape.schema;
  const { data } = z.object({ schema: z.string() }).safeParse(document);
  const schema = data?.schema ?? '';
  if (schema === known) return;
  if (schema.startsWith('seaworthy.report/')) {
    const version = printable(schema.slice(0, 40));
    throw new ReportError(`${file}: a newer seaworthy wrote it (${version}), and this one reads ${known}.`);
  }
  throw new ReportError(
    schema.startsWith('seaworthy.facts/')
      ? `${file} holds saved facts; \`seaworthy check --json --facts FILE\` makes a report of them.`
      : `${file} is no report: it does not say "schema": "${known}"; \`seaworthy check --json\` prints one.`,
  );
}

function held<T>(schema: z.ZodType<T>, value: unknown, file: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new ReportError(`${file} is a damaged report: ${misfit(result.error)}.`);
}
