import type { Document } from 'yaml';
import { PlanError } from './errors.ts';

/** Configurations are a few kilobytes; more than this is a mistake, and is refused before it costs time. */
const LIMIT = 1024 * 1024;
/** Deeper than any configuration, and shallow enough for the parser's stack. */
const DEEPEST = 200;

export interface YamlDocument {
  readonly value: unknown;
  /** `file:line:column` of a key or an item, or of the nearest thing around it that is there. */
  at(path: readonly PropertyKey[]): string;
}

/** The documents of a YAML text, empty ones left out; every way in which it can be broken is a PlanError with its place. */
export async function yamlDocuments(text: string, name: string): Promise<YamlDocument[]> {
  if (text.length > LIMIT)
    throw new PlanError('bad-document', name, `is longer than ${LIMIT} bytes; a configuration is not`);
  if (nestsTooDeep(text)) throw new PlanError('bad-document', name, 'is nested too deep for a configuration');
  const { parseAllDocuments, LineCounter, visit, isMap, isNode, isScalar } = await import('yaml');
  const lines = new LineCounter();
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  /** Where a key stands, or an item of a list. */
  const offsetOf = (document: Document.Parsed, path: readonly PropertyKey[]): number | null => {
    const parent: unknown = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents;
    const key = isMap(parent)
      ? parent.items.find((pair) => isScalar(pair.key) && pair.key.value === path.at(-1))?.key
      : null;
    const node: unknown = key ?? document.getIn(path, true);
    return isNode(node) ? (node.range?.[0] ?? null) : null;
  };
  // Pretty errors would quote the text, which may hold a token.
  const parsed = parseAllDocuments(text, {
    prettyErrors: false,
    lineCounter: lines,
    logLevel: 'silent',
    stringKeys: true,
  });
  const documents: Document.Parsed[] = Array.isArray(parsed) ? parsed : [];
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined)
      throw new PlanError('bad-document', place(error.pos[0]), `is not YAML: ${firstClause(error.message)}`);
    visit(document, {
      Scalar(_key, node) {
        // A version 1.30 is no number: 1.3 would be another one.
        if (typeof node.value === 'number' && node.source !== undefined && String(node.value) !== node.source)
          node.value = node.source;
      },
    });
    const value = plainValue(document, name);
    if (value === null || value === undefined) return [];
    return [
      {
        value,
        at: (path: readonly PropertyKey[]) => {
          for (let length = path.length; length > 0; length--) {
            const offset = offsetOf(document, path.slice(0, length));
            if (offset !== null) return place(offset);
          }
          return place(document.contents?.range?.[0] ?? 0);
        },
      },
    ];
  });
}

/** Aliases may multiply a small text into gigabytes: yaml counts them and gives up. */
function plainValue(document: Document, name: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 50 });
  } catch {
    throw new PlanError('bad-document', name, 'has aliases that cannot be resolved, or that multiply beyond measure');
  }
}

function nestsTooDeep(text: string): boolean {
  let depth = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1;
    if (depth > DEEPEST) return true;
  }
  return /^[ \t]{400,}\S/m.test(text) || /(?:[-?] ){200}/.test(text);
}

/** What comes after a colon in the parser's messages is the text itself. */
function firstClause(message: string): string {
  return message.split(/[:\n]/)[0] ?? message;
}
