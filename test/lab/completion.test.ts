import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { checks } from '../../checks/index.ts';
import { COMMANDS } from '../../src/cli/command-line/commands.ts';
import { closeTerminals, openTerminal, type Session } from '../cli/interface/terminal.ts';
import { removeDirectories, runCli, runCommand, temporaryDirectory } from '../cli/seaworthy.ts';
import { needLab } from './lab.ts';

afterEach(closeTerminals);
afterAll(removeDirectories);

const cwd = temporaryDirectory();
const names = COMMANDS.map(({ name }) => name);

beforeAll(async () => {
  if (inject('labMissing') !== null) return;
  for (const shell of ['zsh', 'fish']) {
    const { stdout } = await runCli(['completion', shell]);
    writeFileSync(join(cwd, `seaworthy.${shell}`), stdout);
  }
  mkdirSync(join(cwd, 'saved'));
  writeFileSync(join(cwd, 'saved/w1.json'), '');
});

/** zsh as a person has it, with the script in it. */
async function zsh(): Promise<Session> {
  const session = openTerminal({ command: ['zsh', '-f', '-i'], columns: 140, rows: 60 });
  session.press(
    `cd ${cwd}; autoload -U compinit; compinit -u -D; source ./seaworthy.zsh; PS1='rea''dy> '; clear; echo beg''un\r`,
  );
  await session.sees(/begun\nready>/);
  return session;
}

describe('zsh completes', () => {
  test.for([
    ['seaworthy chec\t', 'check '],
    ['seaworthy --rol\t', '--role='],
    ['seaworthy --role wo\tchec\t', '--role worker check '],
    ['seaworthy check --role=wo\t', '--role=worker '],
    ['seaworthy check --sta\tjo\t', '--stage=joined '],
    ['seaworthy check -o junit=saved/w\t', '-o junit=saved/w1.json '],
    ['seaworthy check --only identity/mac\t', '--only identity/machine-id '],
    ['seaworthy explain kernel/ip\t', 'explain kernel/ip-forward '],
    ['seaworthy diff saved/w\t', 'diff saved/w1.json '],
    ['seaworthy schema fac\t', 'schema facts '],
  ] as const)('%j', async ([typed, then], { skip }) => {
    needLab(skip);
    const session = await zsh();
    session.press(`${typed}END`);
    await session.sees(/END$/m);
    expect(session.text()).toContain(`${then}END`);
  });

  test('commands and values are listed', async ({ skip }) => {
    needLab(skip);
    const session = await zsh();
    session.press('seaworthy \t');
    await session.sees(/^token +-- /m);
    expect([...session.text().matchAll(/^(\w+) +-- /gm)].map(([, name]) => name)).toEqual([...names].sort());
    session.press('\u0015seaworthy explain \t');
    await session.sees('time/sync');
    for (const { id } of checks) expect(session.text()).toContain(id);
  });
});

describe('fish completes', () => {
  const offered = async (line: string) => {
    const asked = ['fish', '--no-config', '-c', 'source seaworthy.fish; complete -C $argv[1]', line];
    // It writes where it finds a home.
    const { code, stdout, stderr } = await runCommand(asked, { cwd, env: { HOME: cwd } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout.split('\n').flatMap((each) => (each === '' ? [] : [each.split('\t')[0]]));
  };

  test('commands, options, values, ids and files', async ({ skip }) => {
    needLab(skip);
    expect(await offered('seaworthy ')).toEqual([...names].sort());
    expect(await offered('seaworthy --rol')).toEqual(['--role']);
    expect(await offered('seaworthy check --role ')).toEqual(['control-plane', 'etcd', 'worker']);
    expect(await offered('seaworthy check --stage=jo')).toEqual(['--stage=joined']);
    expect(await offered('seaworthy explain kernel/ip')).toEqual(['kernel/ip-forward']);
    expect(await offered('seaworthy check --config saved/')).toEqual(['saved/w1.json']);
    expect(await offered('seaworthy check -o js')).toEqual(['json']);
    expect(await offered('seaworthy check -o json=saved/')).toEqual(['json=saved/w1.json']);
    expect(await offered('seaworthy check --output=json=saved/')).toEqual(['--output=json=saved/w1.json']);
    expect(await offered('seaworthy facts --interval')).toEqual([]);
  });
});
