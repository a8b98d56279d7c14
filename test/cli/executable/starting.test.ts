import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { reportSchema } from '../../../src/report/schema.ts';
import { PROGRAM } from '../../program.ts';
import { machine, removeDirectories, runCli, runCommand, temporaryDirectory } from '../seaworthy.ts';

afterAll(removeDirectories);

const [EXECUTABLE] = PROGRAM;
const VERSION = { code: 0, stdout: `seaworthy ${manifest.version}\n`, stderr: '' };
const TOKEN = { code: 0, stdout: expect.stringMatching(/^swt1\./), stderr: '' };

describe('it starts', () => {
  test('alone in a directory, under any name', async () => {
    const directory = temporaryDirectory();
    const renamed = join(directory, 'a name, 100%20 #1 é');
    copyFileSync(EXECUTABLE, renamed);
    expect(await runCommand([renamed, '--version'])).toMatchObject(VERSION);
    // A chunk of its own, which comes from inside.
    expect((await runCommand([renamed, 'explain', 'cni/config'])).stdout).toContain('# cni/config\n');
  });

  test('through a link, and found by PATH', async () => {
    const directory = temporaryDirectory();
    symlinkSync(EXECUTABLE, join(directory, 'sw'));
    expect(await runCommand([join(directory, 'sw'), 'token'])).toMatchObject(TOKEN);
    const env = { PATH: `${dirname(EXECUTABLE)}:${process.env['PATH']}` };
    expect(await runCommand(['seaworthy', 'token'], { env })).toMatchObject(TOKEN);
  });

  test('in a directory that is gone, and without any environment', async () => {
    const gone = join(temporaryDirectory(), 'gone');
    mkdirSync(gone);
    expect(await runCommand(['sh', '-c', 'rmdir "$PWD"; exec "$0" token', EXECUTABLE], { cwd: gone })).toMatchObject(
      TOKEN,
    );
    expect(await runCommand(['env', '-i', EXECUTABLE, 'token'])).toMatchObject(TOKEN);
  });

  test('as another user', async ({ skip }) => {
    if (process.geteuid?.() !== 0) skip('only root can become another user');
    const copy = join(temporaryDirectory(), 'seaworthy');
    copyFileSync(EXECUTABLE, copy);
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    const shown = await runCommand([
      'sh',
      '-c',
      'chmod a+rx "$(dirname "$0")"; exec "$@"',
      copy,
      ...nobody,
      copy,
      'token',
    ]);
    expect(shown).toMatchObject(TOKEN);
  });
});

describe.concurrent('it is a program and no interpreter', () => {
  test.each([
    '--require /nonexistent.js',
    '--inspect-brk=127.0.0.1:0',
    '--import data:text/javascript,process.exit(9)',
    '--max-old-space-size=1',
    '--nonsense',
  ])('NODE_OPTIONS=%s', async (options) => {
    const args = ['check', '--root', machine(), '--only', 'identity/machine-id', '--json'];
    const { code, stdout, stderr } = await runCli(args, { env: { NODE_OPTIONS: options } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(reportSchema.parse(JSON.parse(stdout)).verdict).toBe('ready');
  });

  test.each(['--inspect', '--eval=1', '-e', '-p', '--require', '--node-options=--inspect', '--v8-options'])(
    '%s is no option of it',
    async (flag) => {
      const { code, stdout, stderr } = await runCli([flag, 'process.exit(9)']);
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toContain('is no option of `seaworthy check`');
    },
  );

  test('a file of JavaScript is no command', async () => {
    const script = join(temporaryDirectory(), 'list');
    writeFileSync(script, 'process.exit(9)');
    expect(await runCli([script])).toMatchObject({ code: 3, stdout: '' });
    // Nor is a directory of modules one, that somebody else left where it was started.
    expect(await runCli(['token'], { cwd: dirname(script) })).toMatchObject(TOKEN);
  });
});
