import { PlanError, quoted } from '../../plan/errors.ts';
import { shellWords } from '../../plan/shell-words.ts';
import { beginning } from './beginning.ts';
import { Groups, type Variable } from './groups.ts';
import { placedHosts } from './placed-hosts.ts';

/** Characters. */
const LONGEST_LINE = 8_192;

/**
 * An inventory in Ansible's INI form. It is no INI that a library for INI reads: a host's line is words as a shell has them, sections have kinds.
 * Throws a PlanError.
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/ini_inventory.html
 */
export function parseIni(text: string, name: string): Groups {
  const groups = new Groups();
  /** Groups that only a list of children has named so far, and where. */
  const pending = new Map<string, string>();
  let section: Section = { group: 'ungrouped', kind: 'hosts' };
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const line = raw.trim();
    const place = `${name}:${index + 1}`;
    if (line.length > LONGEST_LINE) throw refused(place, 'is longer than any line of an inventory');
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    if (line.startsWith('[') && !ADDRESS.test(line)) {
      section = sectionOf(line, place);
      // Variables alone make no group.
      if (section.kind !== 'vars') groups.group(section.group);
      continue;
    }
    if (section.kind === 'hosts') addHosts(groups, section.group, line, place);
    else if (section.kind === 'vars') groups.group(section.group).variables.set(...variableOf(line, place));
    else {
      const child = withoutComment(line).trim();
      if (!/^[^:\]\s]+$/.test(child)) throw refused(place, `${beginning(line)} is no name of a group`);
      groups.group(section.group).children.add(child);
      pending.set(child, place);
    }
  }
  for (const [child, place] of pending)
    if (!groups.has(child)) throw refused(place, `there is no group ${beginning(child)} in this inventory`);
  return groups;
}

interface Section {
  readonly group: string;
  readonly kind: 'hosts' | 'vars' | 'children';
}

/** An IPv6 address may begin with the bracket of a section. */
const ADDRESS = /^\[[0-9a-f]*:[0-9a-f:.]*\](?::\d+)?(?:\s|$)/i;

function sectionOf(line: string, place: string): Section {
  const parts = /^\[(?<group>[^:\]\s]+)(?::(?<kind>\w+))?\]\s*(?:#.*)?$/.exec(line)?.groups;
  const kind = parts?.['kind'] ?? 'hosts';
  if (parts?.['group'] === undefined || (kind !== 'hosts' && kind !== 'vars' && kind !== 'children'))
    throw refused(place, `${quoted(line)} is no section: [GROUP], [GROUP:vars] or [GROUP:children]`);
  return { group: parts['group'], kind };
}

function addHosts(groups: Groups, group: string, line: string, place: string): void {
  const words = shellWords(withoutComment(line));
  if (words === null) throw refused(place, 'a quote is not closed');
  const [pattern = '', ...given] = words;
  const variables = given.map((word, index): [string, Variable] => {
    const equals = word.indexOf('=');
    // It may be a value that lost its name.
    if (equals < 1) throw refused(place, `word ${index + 2} of the line is no variable: NAME=VALUE`);
    return [word.slice(0, equals), { text: literal(word.slice(equals + 1)), place }];
  });
  for (const [host, port] of placedHosts(pattern, place)) groups.addHost(host, group, new Map([...port, ...variables]));
}

function variableOf(line: string, place: string): [string, Variable] {
  const equals = line.indexOf('=');
  if (equals < 1) throw refused(place, `${beginning(line)} is no variable: NAME=VALUE`);
  return [line.slice(0, equals).trim(), { text: literal(line.slice(equals + 1).trim()), place }];
}

/** Values are Python's: a quoted one is what the quotes hold, what follows is a comment. */
function literal(text: string): string {
  const inner = /^(?<quote>['"])(?<inner>(?:\\.|(?!\k<quote>)[^\\])*)\k<quote>\s*(?:#.*)?$/.exec(text)?.groups?.[
    'inner'
  ];
  return inner?.replaceAll(/\\(['"\\])/g, '$1') ?? text;
}

/** Up to a `#` that stands in no quotes. */
function withoutComment(line: string): string {
  return /^(?:[^'"#\\]|\\.|'[^']*'|"(?:\\.|[^"\\])*"|['"])*/.exec(line)?.[0] ?? line;
}

function refused(place: string, said: string): PlanError {
  return new PlanError('bad-document', place, said);
}
