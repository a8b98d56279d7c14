import * as z from 'zod';
import { printable } from '../values/printable.ts';
import { documentSchema, readingSchema } from './evidence-schema.ts';
import { EvidenceError } from './evidence-error.ts';
import type { FactName, Facts, FactTable } from './facts.ts';
import type { Reading } from './reading.ts';
import { EVIDENCE_SCHEMA, type SavedPlan } from './schema.ts';
import type { Machine, Source } from './source.ts';

/** Longer files are not read: the facts of one node take some hundred kilobytes. */
export const EVIDENCE_LIMIT = 32 * 1024 * 1024;

/** A file of saved facts. Its frame is sound; each fact is held against its own schema when it is read. */
export interface SavedDocument {
  readonly name: string;
  readonly tool: { readonly name: string; readonly version: string };
  readonly takenAt: string;
  readonly nodes: readonly SavedNode[];
}

interface SavedNode {
  readonly self: boolean;
  readonly plan: SavedPlan;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Throws an EvidenceError. `name` is the file, for messages and to tell clones apart. */
export function parseEvidence(text: string, name: string): SavedDocument {
  const file = printable(name);
  if (text.length > EVIDENCE_LIMIT) throw new EvidenceError(`${file} is longer than any file of saved facts.`);
  const document = parseJson(text, file);
  refuseOthers(document, file);
  // Node by node, so that a hostile list of a million nothings is refused at its first.
  const { nodes, ...head } = check(
    documentSchema(z.unknown()).extend({ nodes: z.array(z.unknown()).min(1) }),
    document,
    file,
  );
  const one = documentSchema(z.record(z.string(), z.unknown())).shape.nodes.element;
  return { name: file, tool: head.tool, takenAt: head.takenAt, nodes: nodes.map((node) => check(one, node, file)) };
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
  throw new EvidenceError(`${file} is a damaged file of saved facts: ${firstIssue(parsed.error)}.`);
}

function firstIssue({ issues: [issue] }: z.ZodError): string {
  const where = (issue?.path ?? []).join('.');
  return printable(`${where === '' ? '' : `${where}: `}${issue?.message ?? 'it has the wrong shape'}`.slice(0, 300));
}

interface Place {
  readonly machine: Machine;
  readonly document: SavedDocument;
  readonly node: SavedNode;
}

/** Machines as they were when their facts were saved. */
export function savedSource(documents: readonly SavedDocument[], facts: FactTable): Source {
  const alone = documents.length === 1 && documents[0]?.nodes.length === 1;
  const places = documents.flatMap((document, index) => placesOf(document, keyOf(documents, index), alone));
  const schemas: { [K in FactName]?: z.ZodType<Reading<Facts[K]>> } = {};
  const readings = new Map<Place, Record<string, Reading<unknown>>>();

  const readFrom = <K extends FactName>({ document, node }: Place, name: K): Reading<Facts[K]> => {
    if (!Object.hasOwn(node.facts, name)) return { unread: 'missing', detail: `not recorded in ${document.name}` };
    const schema = schemas[name] ?? readingSchema<Facts[K]>(facts[name].schema());
    Object.assign(schemas, { [name]: schema });
    const parsed = schema.safeParse(node.facts[name]);
    if (parsed.success) return parsed.data;
    return { unread: 'error', detail: `${document.name}: ${name} has not the shape of this fact` };
  };

  return {
    machines: places.map(({ machine }) => machine),
    read: async (machine, name) => {
      const place = places.find((each) => each.machine.key === machine.key);
      if (place === undefined) return { unread: 'missing', detail: `no facts of ${machine.key} were given` };
      const reading = readFrom(place, name);
      readings.set(place, { ...readings.get(place), [name]: reading });
      return reading;
    },
    probe: async () => null,
    evidence: () => ({
      schema: EVIDENCE_SCHEMA,
      tool: documents[0]?.tool ?? { name: 'seaworthy', version: '' },
      takenAt: documents[0]?.takenAt ?? '',
      nodes: places.map((place) => ({
        self: place.machine.self,
        plan: place.node.plan,
        facts: readings.get(place) ?? {},
      })),
    }),
  };
}

/** The file's name, which tells clones apart; the same file given twice is two machines all the same. */
function keyOf(documents: readonly SavedDocument[], index: number): string {
  const name = documents[index]?.name ?? '';
  const same = documents.slice(0, index).filter((document) => document.name === name).length;
  return same === 0 ? name : `${name} #${same + 1}`;
}

function placesOf(document: SavedDocument, key: string, alone: boolean): Place[] {
  return document.nodes.map((node, index) => ({
    machine: {
      key: document.nodes.length === 1 ? key : `${key} node ${index + 1}`,
      self: alone || (node.self && document.nodes.length > 1),
      peer: false,
      judged: true,
      said: node.plan,
    },
    document,
    node,
  }));
}
