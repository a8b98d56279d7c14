import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { processNames } from '../../../src/facts/parts/process-names.ts';
import { liveSystem } from '../../../src/system/live.ts';
import { removeDirectories, runCli, temporaryDirectory, type CliResult } from '../seaworthy.ts';

afterAll(removeDirectories);

const directory = temporaryDirectory();
const tokenFile = join(directory, 'token');
const { stdout: token } = await runCli(['token']);
writeFileSync(tokenFile, token, { mode: 0o600 });

/** A port of loopback that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** `seaworthy listen` on a port of loopback; `when` is called when it listens. */
async function listening(
  args: readonly string[],
  when: (child: ChildProcess, port: number) => void,
  env: Readonly<Record<string, string>> = {},
): Promise<CliResult & { readonly port: number }> {
  const port = await freePort();
  const result = await runCli(['listen', '--listen', `127.0.0.1:${port}`, ...args], {
    env,
    onStart: (child) => {
      let text = '';
      child.stderr?.on('data', (chunk: Buffer) => {
        const before = text.includes('listening on');
        text += chunk.toString();
        if (!before && text.includes('listening on')) when(child, port);
      });
    },
  });
  return { ...result, port };
}

const end = (child: ChildProcess) => void child.kill('SIGTERM');

test('without a token it says what to paste on both machines', async () => {
  const { code, stdout, stderr } = await runCli(['listen', '--role', 'worker', '--listen', '127.0.0.9:10777']);
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  for (const words of [
    '(umask 077 && seaworthy token > seaworthy.token)',
    'seaworthy listen --token-file seaworthy.token',
    'seaworthy check --peer worker@127.0.0.9 --token-file seaworthy.token',
    'SEAWORTHY_TOKEN',
  ])
    expect(stderr).toContain(words);
});

test('its help shows the lines for two machines', async () => {
  const { stdout } = await runCli(['listen', '--help']);
  expect(stdout).toContain('\n  seaworthy listen --token-file seaworthy.token\n');
  expect(stdout).toContain('\n  seaworthy check --peer worker@10.0.0.12 --token-file seaworthy.token\n');
});

describe.concurrent('it listens', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('until %s, which is a good end', async (signal) => {
    const { code, stdout, stderr, port } = await listening(['--token-file', tokenFile], (child) => child.kill(signal));
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^seaworthy: listening on TCP port ${port} of 127.0.0.1`));
    expect(stderr).toContain('until Ctrl-C');
    expect(stderr).toContain(`seaworthy check --peer 127.0.0.1:${port} --token-file ${tokenFile}`);
    expect(stderr).not.toContain(token.trim().slice(5, 15));
  });

  test('until its time is over', async () => {
    const { code, stderr } = await listening(['--token-file', tokenFile, '--for', '300ms'], () => undefined);
    expect(code).toBe(0);
    expect(stderr).toContain('for 300ms');
  });

  test('with somebody on the line too', async () => {
    const { code } = await listening(['--token-file', tokenFile], (child, port) => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      socket.once('connect', () => end(child));
    });
    expect(code).toBe(0);
  });

  test('with the token of the variable', async () => {
    const { code, stderr } = await listening([], end, { SEAWORTHY_TOKEN: token });
    expect(code).toBe(0);
    expect(stderr).toContain('listening on');
  });

  test('by the flag rather than the variable, and the variable rather than a configuration', async () => {
    const configuration = join(directory, 'seaworthy.yaml');
    writeFileSync(configuration, `tokenFile: ${directory}/none\n`);
    const env = { SEAWORTHY_TOKEN: token };
    expect((await listening(['--config', configuration], end, env)).code).toBe(0);
    expect((await listening(['--config', configuration], end)).stderr).toContain('no such file');
    const byFlag = await listening(['--token-file', `${directory}/none`], end, env);
    expect(byFlag).toMatchObject({ code: 3, stderr: expect.stringContaining('no such file') });
    expect((await listening(['--token-file', tokenFile], end, { SEAWORTHY_TOKEN: 'swt1.short' })).code).toBe(0);
  });

  test('under its own name', async () => {
    const names: string[] = [];
    const look = async (child: ChildProcess) => {
      names.push(...(await processNames(liveSystem(), child.pid ?? 0)));
      end(child);
    };
    const { code } = await listening(['--token-file', tokenFile], (child) => void look(child));
    expect({ code, named: names.includes('seaworthy') }).toEqual({ code: 0, named: true });
  });

  test('with one socket and no more', async () => {
    const held: string[] = [];
    const { code } = await listening(['--token-file', tokenFile], (child) => {
      held.push(...socketsOf(child.pid ?? 0));
      end(child);
    });
    expect(code).toBe(0);
    expect(held).toHaveLength(1);
  });
});

/** Internet sockets that a process holds. */
function socketsOf(pid: number): string[] {
  const inodes = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      return [];
    }
  });
  const rows = ['tcp', 'tcp6', 'udp', 'udp6', 'raw', 'raw6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8').split('\n').slice(1),
  );
  return rows.filter((row) => inodes.includes(row.trim().split(/\s+/)[9] ?? ''));
}

describe.concurrent('it does not begin', () => {
  test('on a port that is in use', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { code, stdout, stderr } = await runCli([
      'listen',
      '--listen',
      `127.0.0.1:${port}`,
      '--token-file',
      tokenFile,
    ]);
    await new Promise((done) => server.close(done));
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^seaworthy: TCP port ${port} .*another program holds it[^\n]*\n$`));
  });

  test('on an address of another machine', async () => {
    const args = ['listen', '--listen', '192.0.2.77:10777', '--token-file', tokenFile];
    expect(await runCli(args)).toMatchObject({ code: 3, stderr: expect.stringContaining('no such address') });
  });

  test.each([
    ['short', 'swt1.AAAABBBBCCCC'],
    ['made by hand', `swt1.${'QUJD'.repeat(10)}QUI`],
    ['of another kind', 'abcdef.0123456789abcdef'],
  ])('with a token that is %s', async (_name, weak) => {
    const { code, stdout, stderr } = await runCli(['listen'], { env: { SEAWORTHY_TOKEN: weak } });
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^seaworthy: SEAWORTHY_TOKEN: [^\n]*`seaworthy token`[^\n]*\n$/);
    expect(stderr).not.toContain(weak.slice(5, 13));
  });

  test('with a token that others can read', async () => {
    const open = join(directory, 'open');
    writeFileSync(open, token, { mode: 0o644 });
    const { code, stderr } = await runCli(['listen', '--token-file', open]);
    expect(code).toBe(3);
    expect(stderr).toContain(`chmod 600 ${open}`);
    expect(stderr).not.toContain(token.trim().slice(5, 15));
  });
});

test('no plugin and no program that is started sees the token', async () => {
  const file = join(directory, 'sees.mjs');
  const run = `await system.programs.run('/usr/bin/env', [], { signal })`;
  writeFileSync(
    file,
    `import { z } from 'seaworthy/plugin';
     export default { apiVersion: 1, name: 'acme', checks: [], facts: { environment: {
       title: 'environment', schema: () => z.string(),
       read: async (system, { signal }) => JSON.stringify([process.env, (${run}).stdout]),
     } } };\n`,
    { mode: 0o644 },
  );
  const { code, stdout } = await runCli(['facts', '--plugin', file], { env: { SEAWORTHY_TOKEN: token.trim() } });
  expect(code).toBe(0);
  expect(stdout).toContain('acme/environment');
  expect(stdout).toContain('LC_ALL=C');
  expect(stdout).not.toContain(token.trim().slice(5));
});
