import * as z from 'zod';
import { PlanError } from '../../plan/errors.ts';
import { yamlDocuments, type YamlDocument } from '../../plan/yaml-documents.ts';
import { Groups, type Variable } from './groups.ts';
import { placedHosts } from './placed-hosts.ts';

const variables = z.record(z.string(), z.unknown()).nullish();
const group = z.object({
  hosts: z.record(z.string(), variables).nullish(),
  vars: variables,
  children: z.record(z.string(), z.unknown()).nullish(),
});

/**
 * An inventory in Ansible's YAML form. Throws a PlanError.
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/yaml_inventory.html
 */
export async function parseYaml(text: string, name: string): Promise<Groups> {
  const [document, second] = await yamlDocuments(text, name);
  if (second !== undefined) throw new PlanError('bad-document', second.at([]), 'is a second document; one is allowed');
  const groups = new Groups();
  const top = z.record(z.string(), z.unknown()).safeParse(document?.value ?? {});
  if (document === undefined || !top.success)
    throw new PlanError('bad-document', document?.at([]) ?? name, 'is no inventory: groups, such as all:');
  for (const [key, value] of Object.entries(top.data)) addGroup(groups, document, [key], value);
  return groups;
}

function addGroup(groups: Groups, document: YamlDocument, path: readonly string[], value: unknown): void {
  const name = path.at(-1) ?? '';
  const parsed = group.safeParse(value ?? {});
  if (!parsed.success) {
    const at = [...path, ...(parsed.error.issues[0]?.path ?? [])];
    const said = `${at.map(String).join('.')} is no part of a group: hosts, vars and children, each with keys below it`;
    throw new PlanError('bad-document', document.at(at), said);
  }
  const { hosts, vars, children } = parsed.data;
  const made = groups.group(name);
  for (const [key, variable] of scalars(document, [...path, 'vars'], vars)) made.variables.set(key, variable);
  for (const [pattern, own] of Object.entries(hosts ?? {})) {
    const at = [...path, 'hosts', pattern];
    for (const [host, port] of placedHosts(pattern, document.at(at)))
      groups.addHost(host, name, new Map([...port, ...scalars(document, at, own)]));
  }
  for (const [child, below] of Object.entries(children ?? {})) {
    made.children.add(child);
    addGroup(groups, document, [...path, 'children', child], below);
  }
}

/** Lists and maps are of no interest here. */
function scalars(
  document: YamlDocument,
  path: readonly string[],
  given: Readonly<Record<string, unknown>> | null | undefined,
): [string, Variable][] {
  return Object.entries(given ?? {}).flatMap(([key, value]): [string, Variable][] =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? [[key, { text: String(value), place: document.at([...path, key]) }]]
      : [],
  );
}
