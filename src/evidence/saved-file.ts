import * as z from 'zod';
import { misfit } from '../values/misfit.ts';
import { printable } from '../values/printable.ts';
import { EvidenceError } from './evidence-error.ts';
import { documentSchema } from './evidence-schema.ts';
import { probedSchema } from './probed-schema.ts';
import { EVIDENCE_SCHEMA, type Evidence, type NodeEvidence } from './schema.ts';

/** Longer files are not read: the facts of one node take some hundred kilobytes. */
export const EVIDENCE_LIMIT = 32 * 1024 * 1024;

/** A file of saved facts. Its frame is sound; each fact is held against its own schema when it is read. */
export interface SavedDocument extends Omit<Evidence, 'schema' | 'nodes' | 'cluster'> {
  readonly name: string;
  readonly nodes: readonly SavedNode[];
  readonly cluster?: Readonly<Record<string, unknown>>;
}

export interface SavedNode extends Omit<NodeEvidence, 'facts'> {
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Throws an EvidenceError. `name` is the file, for messages and to tell clones apart. */
export function parseEvidence(text: string, name: string): SavedDocument {
  const file = printable(name);
  if (text.length > EVIDENCE_LIMIT) throw new EvidenceError(`${file} is longer than any file of saved facts.`);
  const document = parseJson(text, file);
  refuseOthers(document, file);
  // One by one, so that a hostile list of a million nothings is refused at its first.
  const list = z.array(z.unknown());
  const anything = z.record(z.string(), z.unknown());
  const frame = documentSchema(z.unknown(), anything, 0).extend({ nodes: list.min(1), probes: list.exactOptional() });
  const { nodes, probes, tool, takenAt, plan, cluster } = check(frame, document, file);
  const node = documentSchema(anything, anything, 0).shape.nodes.element;
  const packets = probedSchema(nodes.length);
  const all = nodes.map((each) => check(node, each, file));
  if (all.every(({ judged }) => judged === false)) {
    throw new EvidenceError(`${file} is a damaged file of saved facts: none of its nodes is to be judged.`);
  }
  return {
    name: file,
    tool,
    takenAt,
    nodes: all,
    ...(plan === undefined ? {} : { plan }),
    ...(cluster === undefined ? {} : { cluster }),
    ...(probes === undefined ? {} : { probes: probes.map((each) => check(packets, each, file)) }),
  };
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new EvidenceError(`${file} is not JSON, so it holds no saved facts.`);
  }
}

function refuseOthers(document: unknown, file: string): void {
  const schema =
    typeof document === 'object' && document !== null && 'schema' in document && typeof document.schema === 'string'
      ? document.schema
      : '';
  if (schema === EVIDENCE_SCHEMA) return;
  const hint = schema.startsWith('seaworthy.facts/')
    ? `a newer seaworthy wrote it (${printable(schema.slice(0, 40))}), and this one reads ${EVIDENCE_SCHEMA}`
    : schema.startsWith('seaworthy.report/')
      ? 'it is a report, and reports do not hold facts'
      : `it does not say "schema": "${EVIDENCE_SCHEMA}"`;
  throw new EvidenceError(`${file} does not hold saved facts that can be read: ${hint}.`);
}

function check<T>(schema: z.ZodType<T>, value: unknown, file: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new EvidenceError(`${file} is a damaged file of saved facts: ${misfit(parsed.error)}.`);
}
