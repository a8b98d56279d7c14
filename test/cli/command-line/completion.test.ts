import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { join } from 'node:path';
import { mkdirSync, writeFileSync } from 'node:fs';
import { checks } from '../../../checks/index.ts';
import { COMMANDS } from '../../../src/cli/command-line/commands.ts';
import { SHELLS } from '../../../src/cli/command-line/command.ts';
import { flagsOf } from '../../../src/cli/command-line/parse.ts';
import { removeDirectories, runCli, runCommand, temporaryDirectory } from '../seaworthy.ts';

afterAll(removeDirectories);

const cwd = temporaryDirectory();
let script = '';

beforeAll(async () => {
  const { stdout } = await runCli(['completion', 'bash']);
  script = join(cwd, 'completion.bash');
  writeFileSync(script, stdout);
  mkdirSync(join(cwd, 'files'));
  writeFileSync(join(cwd, 'files/w1.json'), '');
});

/** What bash offers for the last of these words, split as bash splits them. */
async function offered(...words: readonly string[]): Promise<string[]> {
  const line =
    'source "$1"; shift; COMP_WORDS=(seaworthy "$@"); COMP_CWORD=$#; _seaworthy; printf "%s\\n" "${COMPREPLY[@]}"';
  const { stdout, stderr, code } = await runCommand(['bash', '--norc', '-c', line, 'bash', script, ...words], { cwd });
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  return stdout.split('\n').filter((word) => word !== '');
}

describe.concurrent('bash completes', () => {
  test('commands, and the options of a check', async () => {
    const words = await offered('');
    for (const { name } of COMMANDS) expect(words).toContain(name);
    expect(await offered('ch')).toEqual(['check']);
    expect(await offered('--rol')).toEqual(['--role']);
  });

  test.each(COMMANDS.map((command) => ({ name: command.name, command })))(
    'options of $name',
    async ({ name, command }) => {
      expect(await offered(name, '--')).toEqual([...flagsOf(command).map((option) => `--${option.name}`), '--help']);
    },
  );

  test('values', async () => {
    expect(await offered('check', '--role', '')).toEqual(['control-plane', 'worker', 'etcd']);
    expect(await offered('check', '--role', '=', 'wo')).toEqual(['worker']);
    expect(await offered('check', '--role', '=')).toEqual(['control-plane', 'worker', 'etcd']);
    expect(await offered('--stage', 'jo')).toEqual(['joined']);
    expect(await offered('check', '-o', 'js')).toEqual(['json']);
    expect(await offered('check', '--timeout', '')).toEqual([]);
    expect(await offered('check', '--pods', '')).toEqual(['throw-away', 'existing']);
    expect(await offered('check', '--pods', '--js')).toEqual(['--json']);
  });

  test('ids of checks and categories', async () => {
    expect(await offered('explain', 'identity/mach')).toEqual(['identity/machine-id']);
    const kernel = ['kernel', ...checks.map(({ id }) => id).filter((id) => id.startsWith('kernel/'))];
    expect(await offered('check', '--only', 'kern')).toEqual(kernel);
    expect(await offered('explain', 'kern')).toEqual(kernel);
  });

  test('files', async () => {
    expect(await offered('compare', 'files/')).toEqual(['files/w1.json']);
    expect(await offered('check', '--config', 'fi')).toEqual(['files']);
    expect(await offered('check', '-o', 'json', '=', 'files/w')).toEqual(['files/w1.json']);
  });

  test('arguments', async () => {
    expect(await offered('schema', '')).toEqual(['report', 'facts', 'config']);
    expect(await offered('completion', '')).toEqual([...SHELLS]);
    expect(await offered('explain', '--pl')).toEqual(['--plugin']);
  });
});
