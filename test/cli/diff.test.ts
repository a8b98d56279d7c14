import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { FAILED, check, finding, report } from '../report/given.ts';
import { removeDirectories, runCli, temporaryDirectory } from './seaworthy.ts';

afterAll(removeDirectories);

const cwd = temporaryDirectory();
const save = (name: string, document: unknown) => writeFileSync(join(cwd, name), JSON.stringify(document));
save('good.json', report([check('kernel/ip-forward', [finding()])]));
save('bad.json', report([check('kernel/ip-forward', [FAILED])]));
const hidden = { redact: { value: true, origin: 'flag' } };
save('hidden.json', {
  ...report([check('kernel/ip-forward', [FAILED])]),
  plan: hidden,
  run: { ...report([]).run, id: 'h' },
});
save('newer.json', { schema: 'seaworthy.report/v2' });
save('facts.json', { schema: 'seaworthy.facts/v1' });
writeFileSync(join(cwd, 'text'), 'READY\n');

const diff = (...args: string[]) => runCli(['diff', ...args], { cwd });

describe.concurrent('seaworthy diff', () => {
  test('worse is 2, and better or the same is 0', async () => {
    const worse = await diff('good.json', 'bad.json');
    expect(worse).toMatchObject({ code: 2, stderr: '' });
    expect(worse.stdout).toContain('pass enabled → fail disabled');
    expect(await diff('bad.json', 'good.json')).toMatchObject({ code: 0, stderr: '' });
    expect(await diff('bad.json', 'bad.json')).toMatchObject({ code: 0, stderr: '' });
    expect(await diff('hidden.json', 'hidden.json')).toMatchObject({ code: 0, stderr: '' });
  });

  test('as JSON and as Markdown, into files too', async () => {
    const { code, stdout } = await diff('good.json', 'bad.json', '--json', '-o', 'markdown=diff.md');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'seaworthy.diff/v1', becameWorse: true });
    expect(readFileSync(join(cwd, 'diff.md'), 'utf8')).toMatch(/^## seaworthy: worse\n/);
  });

  test.each([
    [['newer.json', 'bad.json'], 'seaworthy: diff: newer.json: a newer seaworthy wrote it (seaworthy.report/v2)'],
    [['good.json', 'facts.json'], 'seaworthy: diff: facts.json holds saved facts;'],
    [['good.json', 'hidden.json'], 'seaworthy: diff: the new one was written with --redact,'],
    [['hidden.json', 'good.json'], 'seaworthy: diff: the old one was written with --redact,'],
    [['good.json', 'text'], 'seaworthy: diff: text is not JSON'],
    [['good.json', 'missing.json'], 'seaworthy: diff: missing.json: no such file'],
    [['good.json'], '`seaworthy diff` needs NEW.'],
    [['good.json', 'bad.json', '-o', 'junit'], 'seaworthy: --output junit: here it can be text, json, markdown.'],
  ])('%j: one sentence, exit 3', async (args, sentence) => {
    const { code, stdout, stderr } = await diff(...args);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain(sentence);
  });

  test('what this machine is configured for has no say', async () => {
    const { code } = await runCli(['diff', 'good.json', 'bad.json'], { cwd, env: { SEAWORTHY_FAIL_ON: 'warn' } });
    expect(code).toBe(2);
  });
});
