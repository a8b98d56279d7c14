import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { Groups } from '../../../src/fleet/inventory/groups.ts';
import { parseIni } from '../../../src/fleet/inventory/parse-ini.ts';
import { parseYaml } from '../../../src/fleet/inventory/parse-yaml.ts';
import { PlanError } from '../../../src/plan/errors.ts';

const recorded = (name: string) => readFileSync(join(import.meta.dirname, 'recorded', name), 'utf8');

/** What `ansible-inventory -i FILE --list` of ansible-core 2.14 printed. */
function byAnsible(name: string): Record<string, { groups: string[]; variables: Record<string, string> }> {
  const group = z.object({ hosts: z.array(z.string()).default([]), children: z.array(z.string()).default([]) });
  const { _meta, ...rest } = z
    .looseObject({ _meta: z.object({ hostvars: z.record(z.string(), z.record(z.string(), z.unknown())) }) })
    .parse(JSON.parse(recorded(`${name}.ansible.json`)));
  const groups = z.record(z.string(), group).parse(rest);
  const contains = (name: string, host: string): boolean => {
    const { hosts = [], children = [] } = groups[name] ?? {};
    return hosts.includes(host) || children.some((child) => contains(child, host));
  };
  const hosts = [...new Set(Object.values(groups).flatMap((each) => each.hosts))];
  return Object.fromEntries(
    hosts.map((host) => [
      host,
      {
        groups: Object.keys(groups)
          .filter((each) => each !== 'ungrouped' && contains(each, host))
          .sort(),
        variables: Object.fromEntries(
          Object.entries(_meta.hostvars[host] ?? {})
            .filter(([, value]) => typeof value !== 'object')
            .map(([key, value]) => [key, String(value)] as const)
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        ),
      },
    ]),
  );
}

function byUs(groups: Groups): ReturnType<typeof byAnsible> {
  return Object.fromEntries(
    groups.hosts('hosts').map(({ name, groups: of, variables }) => [
      name,
      {
        groups: of.filter((each) => each !== 'ungrouped').sort(),
        variables: Object.fromEntries(
          [...variables].map(([key, { text }]) => [key, text] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
        ),
      },
    ]),
  );
}

describe('Ansible itself reads the same', () => {
  test.each(['hosts.ini', 'flat.ini'])('%s', (name) => {
    expect(byUs(parseIni(recorded(name), name))).toEqual(byAnsible(name));
  });

  test('hosts.yaml', async () => {
    expect(byUs(await parseYaml(recorded('hosts.yaml'), 'hosts.yaml'))).toEqual(byAnsible('hosts.yaml'));
  });
});

describe('what is wrong is told with its line', () => {
  test.each([
    ['[a', 'h:1: "[a" is no section'],
    ['[a:hosts:b]', 'h:1: "[a:hosts:b]" is no section'],
    ['[a:wars]\n', 'h:1: "[a:wars]" is no section'],
    ['\n[a]\nn[3:1]', 'h:3: "n[3:1]" is no host'],
    ['n1 user', 'h:1: word 2 of the line is no variable'],
    ["n1 a='b", 'h:1: a quote is not closed'],
    ['-oProxyCommand=x', 'h:1: "-oProxyCommand …" is no host'],
    ['[a:vars]\nfoo', 'h:2: "foo" is no variable'],
    ['[a:children]\nb', 'h:2: there is no group "b"'],
    ['[a:children]\nb c', 'h:2: "b …" is no name of a group'],
    ['[a:children]\nb\n[b:children]\na', 'h: group a contains itself, by way of b'],
  ])('%j', (text, said) => {
    expect(() => parseIni(text, 'h').hosts('h')).toThrow(said);
  });

  test.each([
    '[all:vars]\nansible_ssh_pass hunter2',
    '[all:vars]\n=hunter2',
    '[all:children]\nansible_ssh_pass=hunter2',
    '[all]\nansible_ssh_pass=hunter2',
    'n1 ansible_ssh_pass= hunter2',
    'n1 ansible_ssh_pass hunter2',
  ])('without what may be a password: %j', (text) => {
    expect(() => parseIni(text, 'h').hosts('h')).toThrow(/^h:\d: (?!.*hunter2)/);
  });

  test.each([
    ['- a', 'h:1:1: is no inventory'],
    ['', 'h: is no inventory'],
    ['a: { hosts: [n1] }', 'h:1:6: a.hosts is no part of a group'],
    ['a: { hosts: { n1: 7 } }', 'h:1:15: a.hosts.n1 is no part of a group'],
    ['a: { hosts: { "n[2:1]": } }', 'h:1:15: "n[2:1]" is no host'],
    ['a: 3', 'h:1:1: a is no part of a group'],
    ['a: { b: [ }', 'is not YAML'],
  ])('%j', async (text, said) => {
    await expect(parseYaml(text, 'h')).rejects.toThrow(said);
  });
});

describe('whatever comes is an inventory or refused in a sentence', () => {
  const piece = fc.constantFrom(
    '[',
    ']',
    ':',
    '=',
    '"',
    "'",
    '#',
    ';',
    ' ',
    '\n',
    '\\',
    'all',
    'vars',
    'children',
    'hosts',
    'n1',
    '1',
    'a',
    '{{',
    '!vault',
    '\u0000',
    '\t',
    '- ',
    ': ',
    '\n  ',
    '&x ',
    '*x ',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.array(piece, { maxLength: 120 }).map((all) => all.join('')),
  );

  test('INI', () => {
    fc.assert(
      fc.property(text, (given) => {
        const started = performance.now();
        try {
          parseIni(given, 'h').hosts('h');
        } catch (error) {
          if (!(error instanceof PlanError)) throw error;
        }
        expect(performance.now() - started).toBeLessThan(500);
      }),
      { numRuns: 2_000 },
    );
  });

  test('YAML', async () => {
    await fc.assert(
      fc.asyncProperty(text, async (given) => {
        const read = async () => (await parseYaml(given, 'h')).hosts('h');
        const error: unknown = await read().then(
          () => null,
          (refused: unknown) => refused,
        );
        expect(error === null || error instanceof PlanError).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('lines of pathological length take no time', () => {
    for (const unit of ['[]', '[', 'a[1:1]', '"', "'x", '\\', '#', ':1'])
      for (const line of [
        unit.repeat(4_000),
        `n ${unit.repeat(4_000)}`,
        `n a=${unit.repeat(4_000)}`,
        `[g:vars]\nk='${unit.repeat(4_000)}`,
      ]) {
        const started = performance.now();
        try {
          parseIni(line, 'h');
        } catch (error) {
          if (!(error instanceof PlanError)) throw error;
        }
        expect(performance.now() - started).toBeLessThan(500);
      }
  });
});
