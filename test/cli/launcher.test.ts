import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import {
  BIN,
  onceWaiting,
  plugin,
  removeDirectories,
  ROOT,
  runCli,
  runCommand,
  temporaryDirectory,
  WAITS_FOR_EVER,
} from './seaworthy.ts';

afterAll(removeDirectories);

const VERSION = `seaworthy ${manifest.version}\n`;

/** A run that waits for ever, and the plugin that makes it wait. */
function slowRun() {
  const slow = plugin(temporaryDirectory(), WAITS_FOR_EVER);
  const args = ['check', '--plugin', slow, '--only', 'acme', '--timeout', '60s', '--budget', '60s', '--json'];
  return { args, slow };
}

/** An interpreter that calls itself another version, for the launcher alone. */
function pretending(version: string): string[] {
  const file = join(temporaryDirectory(), 'version.cjs');
  writeFileSync(
    file,
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });\n`,
  );
  return [process.execPath, '--require', file];
}

/** A Node that is too old to run the program itself, when the machine has one. */
const old = ['/usr/local/bin/node', '/usr/bin/node'].find((path) => {
  if (!existsSync(path)) return false;
  const major = Number(/^v(\d+)/.exec(execFileSync(path, ['--version'], { encoding: 'utf8' }))?.[1]);
  return major >= 20 && major < 22;
});

const INTERPRETERS: readonly { readonly name: string; readonly node: readonly string[] }[] = [
  { name: 'this Node', node: [process.execPath] },
  { name: 'Node 20, by its name', node: pretending('20.20.2') },
  ...(old === undefined ? [] : [{ name: 'the Node of this machine', node: [old] }]),
];

test.each(INTERPRETERS)('$name runs the program, from any directory and through links', async ({ node }) => {
  const links = temporaryDirectory();
  symlinkSync(BIN, join(links, 'seaworthy'));
  symlinkSync(join(ROOT, 'bin'), join(links, 'bin'));
  for (const path of [BIN, join(links, 'seaworthy'), join(links, 'bin/seaworthy.js')]) {
    expect(await runCommand([...node, path, '--version'], { cwd: links })).toMatchObject({
      code: 0,
      stdout: VERSION,
      stderr: '',
    });
  }
  expect(await runCommand([...node, BIN, 'check', '--role', 'x'])).toMatchObject({ code: 3, stdout: '' });
  expect((await runCommand([...node, BIN, 'config', '--join', '-'], { stdin: 'kubeadm init' })).stderr).toContain(
    'kubeadm join',
  );
});

test('a Node that is too old gets one line', async () => {
  const { code, stdout, stderr } = await runCommand([...pretending('18.20.0'), BIN, '--version']);
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  expect(stderr).toMatch(/^seaworthy: this is Node 18\.20\.0, and it needs Node 20 or newer\.\n$/);
});

/** A copy without node_modules. */
function copy({ built }: { readonly built: boolean }): string {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'bin'));
  cpSync(BIN, join(directory, 'bin/seaworthy.js'));
  cpSync(join(ROOT, 'package.json'), join(directory, 'package.json'));
  if (built) cpSync(join(ROOT, 'dist'), join(directory, 'dist'), { recursive: true });
  return join(directory, 'bin/seaworthy.js');
}

test('without the pinned Node one line says what to install', async () => {
  const { code, stderr } = await runCommand([...pretending('20.20.2'), copy({ built: true }), '--version']);
  expect(code).toBe(3);
  expect(stderr).toMatch(/^seaworthy: this is Node 20\.20\.2; install Node 22 or newer[^\n]*\n$/);
});

test('what is not built, or is being built, says how it is built', async () => {
  const building = copy({ built: false });
  const half = copy({ built: false });
  mkdirSync(join(half, '../../dist'));
  cpSync(join(ROOT, 'dist/program.cjs'), join(half, '../../dist/program.cjs'));
  for (const launcher of [building, half]) {
    const { code, stdout, stderr } = await runCommand([process.execPath, launcher, 'check']);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^[^\n]*npm run build[^\n]*\n$/);
  }
});

test('what it starts comes last in a build: the rest is there by then', () => {
  const madeAt = (name: string) => statSync(join(ROOT, 'dist', name)).mtimeMs;
  const loaded = ['program.cjs', 'program.cache', 'pod-agent.cjs', 'pod-agent.cache', 'tui.js', 'licenses.js'];
  for (const name of loaded) expect(madeAt(name), name).toBeLessThanOrEqual(madeAt('main.js'));
});

describe.concurrent('a program that was handed over', () => {
  const [node = '', ...flags] = pretending('20.20.2');
  const handedOver = () => {
    const { args, slow } = slowRun();
    return { command: [node, ...flags, BIN, ...args], slow };
  };

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('gets %s, and its exit code is that of the launcher', async (signal, code) => {
    const { command, slow } = handedOver();
    const result = await runCommand(command, {
      onStart: (child) => void onceWaiting(slow, child, () => child.kill(signal)),
    });
    expect(result).toMatchObject({ code, signal: null, stderr: '' });
    expect(JSON.parse(result.stdout)).toMatchObject({
      checks: [{ status: 'pass' }, { findings: [{ reason: 'interrupted' }] }],
    });
  });

  test('is interrupted once when a terminal signals both', async () => {
    const { command, slow } = handedOver();
    const result = await runCommand(['setsid', '-w', ...command], {
      onStart: (child) => void onceWaiting(slow, child, () => signalGroup(child.pid ?? 0)),
    });
    expect(result.code).toBe(130);
    expect(JSON.parse(result.stdout)).toMatchObject({ verdict: 'unknown' });
  });

  test('ends when its launcher is killed', async () => {
    let children: string[] = [];
    const { command, slow } = handedOver();
    const result = await runCommand(command, {
      onStart: (child) =>
        void onceWaiting(slow, child, () => {
          children = childrenOf(child.pid ?? 0);
          child.kill('SIGKILL');
        }),
    });
    expect(result.signal).toBe('SIGKILL');
    expect(children).toHaveLength(1);
    for (let tries = 0; tries < 50 && existsSync(`/proc/${children[0]}`); tries++) await sleep(100);
    expect(existsSync(`/proc/${children[0]}`)).toBe(false);
  });

  test('passes its verdict on', async () => {
    const acme = plugin(temporaryDirectory());
    const args = ['check', '--plugin', acme, '--only', 'acme/one', '--json'];
    const result = await runCommand([node, ...flags, BIN, ...args], { env: { ACME: 'fail' } });
    expect(result).toMatchObject({ code: 2, stderr: '' });
  });
});

/** As a terminal does at Ctrl-C: the launcher and the program are of one group. */
function signalGroup(launcher: number): void {
  process.kill(-launcher, 'SIGINT');
}

function childrenOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter((word) => word !== '');
}

test('the fast path of a Node that is new enough is no second process', async () => {
  let children: string[] | null = null;
  const { args, slow } = slowRun();
  await runCli(args, {
    launcher: process.execPath,
    onStart: (child) =>
      void onceWaiting(slow, child, () => {
        children = childrenOf(child.pid ?? 0);
        child.kill('SIGTERM');
      }),
  });
  expect(children).toEqual([]);
});
