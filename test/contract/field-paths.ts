import * as z from 'zod';

/** As far as a JSON Schema made from zod goes. */
const schemaNode = z.looseObject({
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
  additionalProperties: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  allOf: z.array(z.unknown()).optional(),
  prefixItems: z.array(z.unknown()).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  description: z.string().optional(),
});

export interface Field {
  /** `checks[].findings[].reason` */
  readonly path: string;
  readonly description: string | undefined;
  /** What it can be, where that is fixed. */
  readonly values: readonly unknown[];
}

/** Every field that a JSON Schema describes; `*` stands for any key. */
export function fieldsOf(schema: unknown, path = ''): Field[] {
  const parsed = schemaNode.safeParse(schema);
  if (!parsed.success) return [];
  const {
    properties = {},
    items,
    additionalProperties,
    anyOf = [],
    oneOf = [],
    allOf = [],
    prefixItems = [],
  } = parsed.data;
  const within = (name: string) => (path === '' ? name : `${path}.${name}`);
  return [
    ...Object.entries(properties).flatMap(([name, each]) => [
      { path: within(name), description: descriptionOf(each), values: valuesOf(each) },
      ...fieldsOf(each, within(name)),
    ]),
    ...fieldsOf(items, `${path}[]`),
    ...fieldsOf(additionalProperties, within('*')),
    ...[...anyOf, ...oneOf, ...allOf].flatMap((each) => fieldsOf(each, path)),
    ...prefixItems.flatMap((each) => fieldsOf(each, `${path}[]`)),
  ];
}

function descriptionOf(schema: unknown): string | undefined {
  return schemaNode.safeParse(schema).data?.description;
}

function valuesOf(schema: unknown): unknown[] {
  const { data } = schemaNode.safeParse(schema);
  if (data === undefined) return [];
  const { enum: several = [], const: one, anyOf = [], items } = data;
  return [...several, ...(one === undefined ? [] : [one]), ...anyOf.flatMap(valuesOf), ...valuesOf(items)];
}
