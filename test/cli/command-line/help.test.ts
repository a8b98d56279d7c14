import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../../src/cli/command-line/commands.ts';
import { commandHelp, programHelp } from '../../../src/cli/command-line/help.ts';
import { flagsOf, usageOf } from '../../../src/cli/command-line/parse.ts';
import { runCli } from '../seaworthy.ts';

describe.concurrent('--help of each command', () => {
  test.each(COMMANDS.map((command) => ({ name: command.name, command })))('$name', async ({ name, command }) => {
    const { code, stdout, stderr } = await runCli([name, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(commandHelp(command, 80));
    for (const option of flagsOf(command)) expect(stdout).toContain(usageOf(option));
    for (const { line } of command.examples) expect(stdout).toContain(line);
    expect((await runCli([name, '-h', '--nonsense'])).stdout).toBe(stdout);
  });

  test('of the program', async () => {
    const { code, stdout } = await runCli(['--help']);
    expect(code).toBe(0);
    expect(stdout).toBe(programHelp(80));
    for (const { name } of COMMANDS) expect(stdout).toContain(`\n  ${name} `);
  });

  test('where the locale has no more than ASCII', async () => {
    expect((await runCli(['check', '--help'], { env: { LANG: 'C' } })).stdout).toMatch(/^[\n\x20-\x7E]+$/);
  });
});

test.each([40, 60, 80, 100])('help keeps to %i columns', (width) => {
  for (const command of COMMANDS) {
    const examples = new Set(command.examples.map(({ line }) => `  ${line}`));
    const lines = commandHelp(command, width).split('\n');
    // What is to be pasted is not broken, and a word that is longer than its column stands alone.
    const free = (line: string) =>
      examples.has(line) || line.startsWith('Usage: ') || /^\s*(?:-\w, )?-/.test(line) || !line.trim().includes(' ');
    expect(lines.filter((line) => line.length > width && !free(line))).toEqual([]);
  }
});
