import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRules } from '../../../src/plugins/rules/parse-rules.ts';
import { fileWith } from './given.ts';

const parse = (text: string) => parseRules(text, 'rules.yaml', new Set(['kernel', 'plugins']));

const HEAD = 'schema: seaworthy.rules/v1\nname: ours\nrules:\n';
const RULE = `  - id: one
    title: one
    docs: https://acme.example/
    sysctl: net.core.somaxconn
    expect: { atLeast: 4096 }
    fail:
      reason: too-short
      remedy: { text: Raise it. }
`;

test('the file that the cases below change is a good one', async () => {
  expect((await parse(HEAD + RULE)).rules).toHaveLength(1);
});

test.each([
  ['an unknown key', 'atLeast:', 'atleast:', '8:15: "atleast" is no key here (did you mean atLeast?)'],
  ['an unknown key of a rule', 'title:', 'titel:', '5:5: "titel" is no key here (did you mean title?)'],
  ['an unknown key of the file', 'rules:', 'rulez:', '3:1: "rulez" is no key here (did you mean rules?)'],
  ['another version', '/v1', '/v2', '1:1 schema: must be seaworthy.rules/v1'],
  ['a taken name', 'name: ours', 'name: kernel', '2:1 name: must be another name: kernel is taken'],
  ['a crooked name', 'name: ours', 'name: ../x', '2:1 name: must be the category'],
  ['a crooked id', 'id: one', 'id: One two', '4:5 rules.id: must be the name of the check'],
  ['no https', 'https:', 'javascript:', '6:5 rules.docs: must be the address of a page'],
  ['no title', '    title: one\n', '', '4:5 rules.title: must be what is the case'],
  ['a list for a text', 'title: one', 'title: [one]', '5:5 rules.title: must be what is the case'],
  ['an escape code', 'title: one', 'title: "\\e[2J"', '5:5 rules.title: must be'],
  ['no number', 'atLeast: 4096', 'atLeast: many', '8:15 rules.expect.atLeast: must be a whole number'],
  ['a fraction', 'atLeast: 4096', 'atLeast: 0.5', '8:15 rules.expect.atLeast: must be a whole number'],
  ['an octal number', 'atLeast: 4096', 'atLeast: 0640', '8:15 rules.expect.atLeast: must be a whole number'],
  ['infinity', 'atLeast: 4096', 'atLeast: .inf', '8:15 rules.expect.atLeast: must be a whole number'],
  ['two assertions', '4096 }', '4096, atMost: 9 }', '8:5 rules.expect: must be one assertion'],
  ['no assertion', '{ atLeast: 4096 }', '{}', '8:5 rules.expect: must be one assertion'],
  ['no expectation', '    expect: { atLeast: 4096 }\n', '', '4:5 rules: must have expect'],
  ['nothing to observe', '    sysctl: net.core.somaxconn\n', '', '4:5 rules: must observe one of sysctl, module'],
  ['two things', '    expect', '    module: x\n    expect', '8:5 rules.module: must stand alone'],
  [
    'an assertion that does not fit',
    'sysctl: net.core.somaxconn',
    'module: x',
    '8:15 rules.expect.atLeast: must be another',
  ],
  ['a way out of /proc/sys', 'net.core.somaxconn', 'net/../../kcore', '7:5 rules.sysctl: must be a kernel parameter'],
  ['another way', 'net.core.somaxconn', '/etc/shadow', '7:5 rules.sysctl: must be a kernel parameter'],
  ['a pattern that goes back', '{ atLeast: 4096 }', "{ matches: '(a)\\1' }", 'matches: is a pattern that has \\1'],
  ['a reason of ours', 'too-short', 'fact-denied', '10:7 rules.fail.reason: is a reason that seaworthy itself gives'],
  ['a reason that passes', 'too-short', 'as-expected', '10:7 rules.fail.reason: must not be the reason of pass'],
  ['no remedy', '      remedy: { text: Raise it. }\n', '', '9:5 rules.fail.remedy: must be keys and values'],
  ['a placeholder', 'Raise it.', '"Make it {expceted}."', '(did you mean {expected}?)'],
  ['what was found in a command', 'Raise it. }', "Raise it., commands: ['echo {actual}'] }", 'must not hold {actual}'],
  ['a status', 'reason: too-short', 'reason: too-short\n      status: skip', 'rules.fail.status: must be fail or warn'],
  ['a broken line', 'expect: {', 'expect: {{', 'rules.yaml:8:'],
  ['the same id twice', RULE, RULE + RULE, '12:5 rules.id: must be another id: one is there already'],
])('%s', async (_, from, to, said) => {
  const text = (HEAD + RULE).replace(from, () => to);
  expect(text).not.toBe(HEAD + RULE);
  const thrown = await parse(text).catch((error: unknown) => error);
  expect(thrown).toMatchObject({ name: 'PlanError', message: expect.stringContaining(said) });
  expect((thrown as Error).message).toMatch(/^rules\.yaml:\d+:\d+/);
  expect((thrown as Error).message.split('\n')).toHaveLength(1);
});

test.each([
  [{ port: 'tcp/65536', expect: { absent: true } }, 'up to 65535'],
  [{ port: 8080, expect: { absent: true } }, 'a port, as in tcp/8080'],
  [{ port: 'sctp/80', expect: { absent: true } }, 'a port, as in tcp/8080'],
  [{ file: 'etc/x', expect: { exists: true } }, 'begins with /'],
  [{ file: '/..', expect: { exists: true } }, 'no ..'],
  [{ file: '/etc/x/../y', expect: { exists: true } }, 'no ..'],
  [{ file: '/etc/x', expect: { equals: 'link' } }, 'one of file, directory'],
  [{ fileMode: '/etc/x', expect: { equals: 'rw' } }, 'octal permissions'],
  [{ fileMode: '/etc/x', expect: { atLeast: '0600' } }, 'another assertion'],
  [{ fileLine: { path: '/etc/x' }, expect: { exists: true } }, 'must be a regular expression'],
  [{ command: '../x', expect: { exists: true } }, 'without its directory'],
  [{ command: '..', expect: { exists: true } }, 'without its directory'],
  [{ module: '../x', expect: { exists: true } }, 'a module of the kernel'],
  [{ program: { argv: ['sh'] } }, 'full path of a program'],
  [{ program: { argv: [] } }, 'full path of a program'],
  [{ program: 'rm -rf /' }, 'argv, timeout, outputLimit'],
  [{ program: { argv: ['/bin/sh'], timeout: '2h' } }, '10ms to 60s'],
  [{ program: { argv: ['/bin/sh'], outputLimit: 1e9 } }, '80 to 1048576'],
  [{ program: { argv: ['/bin/sh'] }, expect: { exists: true } }, 'must not be there'],
])('%j', async (rule, said) => {
  await expect(parse(fileWith(rule))).rejects.toThrow(said);
});

describe('hostile files', () => {
  test.each([
    ['nothing', '', 'is empty'],
    ['a word', 'rules', 'keys and values'],
    ['a list', '- 1', 'keys and values'],
    ['two documents', `${HEAD}${RULE}---\n${HEAD}${RULE}`, 'a second document'],
    ['aliases that multiply', bomb(), 'multiply beyond measure'],
    ['depth', '['.repeat(100_000), 'nested too deep'],
    ['length', `# ${'x'.repeat(1024 * 1024)}`, 'longer than'],
    ['too many rules', fileWith({}, { rules: Array.from({ length: 501 }, () => ({})) }), 'must be'],
    ['a prototype', '{"__proto__": {"name": "x"}, "schema": 1}', 'is no key here'],
  ])('%s', async (_, text, said) => {
    await expect(parse(text)).rejects.toThrow(said);
  });

  test('whatever values: a PlanError of one line, or rules', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(
          fc.constantFrom(
            'id',
            'sysctl',
            'port',
            'file',
            'fileMode',
            'program',
            'expect',
            'fail',
            'pass',
            'stages',
            'x',
          ),
          fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('tcp/80', '/etc/x', 'a.b', { equals: 1 })),
        ),
        async (rule) => {
          const outcome = await parse(fileWith(rule)).then(
            () => 'fine',
            (error: Error) => `${error.name} ${error.message.includes('\n')}`,
          );
          expect(['fine', 'PlanError false']).toContain(outcome);
        },
      ),
      { numRuns: 100 },
    );
  });
});

/** Ten of ten of ten … */
function bomb(): string {
  const levels = Array.from({ length: 9 }, (_, index) => {
    const one = index === 0 ? 'x' : `*a${index - 1}`;
    return `a${index}: &a${index} [${Array.from({ length: 10 }, () => one).join(', ')}]`;
  });
  return `${levels.join('\n')}\n`;
}
