import * as z from 'zod';
import { PlanError, quoted } from '../../plan/errors.ts';
import { yamlDocuments, type YamlDocument } from '../../plan/yaml-documents.ts';
import { nearest } from '../../values/nearest.ts';
import { misfitOf } from './fitting.ts';
import { rulesSchema, type RulesFile } from './rules-schema.ts';

/** A file of rules, called `name` in messages. Throws a PlanError with line and column. `taken` are categories of other checks. */
export async function parseRules(text: string, name: string, taken: ReadonlySet<string>): Promise<RulesFile> {
  const [document, second] = await yamlDocuments(text, name);
  if (document === undefined) throw new PlanError('bad-document', name, 'is empty, and holds no rules');
  if (second !== undefined)
    throw new PlanError('bad-document', second.at([]), 'is a second document; a file of rules is one');
  const schema = rulesSchema();
  const parsed = schema.safeParse(document.value);
  if (!parsed.success) throw shapeError(document, schema, parsed.error);
  requireFitting(document, parsed.data, taken);
  return parsed.data;
}

function requireFitting(document: YamlDocument, { name, rules }: RulesFile, taken: ReadonlySet<string>): void {
  if (taken.has(name)) throw wrong(document, ['name'], `must be another name: ${name} is taken`);
  const ids = new Set<string>();
  for (const [index, rule] of rules.entries()) {
    if (ids.has(rule.id))
      throw wrong(document, ['rules', index, 'id'], `must be another id: ${rule.id} is there already`);
    ids.add(rule.id);
    const misfit = misfitOf(rule);
    if (misfit !== null) throw wrong(document, ['rules', index, ...misfit.path], misfit.said);
  }
}

function shapeError(document: YamlDocument, schema: z.ZodType, { issues }: z.ZodError): PlanError {
  // A key that is mistyped is also one that is missing.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  const path = issue?.path ?? [];
  const place = placeIn(schema, path);
  if (issue?.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const keys = Object.keys(place.properties ?? {});
    const at = document.at([...path, key]);
    return new PlanError('unknown-key', at, `${quoted(key)} is no key here`, {
      allowed: keys.join(', '),
      nearest: nearest(key, keys),
    });
  }
  if (issue?.code === 'custom' && issue.message !== 'Invalid input') return wrong(document, path, issue.message);
  return wrong(document, path, `must be ${place.description ?? 'something else'}`);
}

function wrong(document: YamlDocument, path: readonly PropertyKey[], said: string): PlanError {
  const names = path.filter((part) => typeof part === 'string').join('.');
  return new PlanError('bad-value', `${document.at(path)}${names === '' ? '' : ` ${names}`}`, said);
}

/** What the schema says of a place in the document: the nearest thing around it that it describes. */
function placeIn(schema: z.ZodType, path: readonly PropertyKey[]): z.core.JSONSchema.BaseSchema {
  let place: z.core.JSONSchema.BaseSchema = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  for (const part of path) {
    const { properties, items } = place;
    const inner = typeof part === 'number' ? items : properties?.[String(part)];
    if (inner === undefined || typeof inner === 'boolean' || Array.isArray(inner)) break;
    place =
      inner.description === undefined
        ? { ...inner, ...(place.description === undefined ? {} : { description: place.description }) }
        : inner;
  }
  return place;
}
