import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { streamPeer } from '../../../src/peers/stream/stream-peer.ts';
import { PROGRAM } from '../../program.ts';
import { runCli } from '../seaworthy.ts';

const NEVER = new AbortController().signal;
/** Of this process alone: tests run side by side. */
const HERE = `127.${(process.pid >> 16) & 255}.${(process.pid >> 8) & 255}.${process.pid & 255 || 1}`;
const PORT = { first: 10_250, last: 10_250 };

function started() {
  const [program, ...args] = PROGRAM;
  const child = spawn(program, [...args, 'listen', '--stdio'], {
    cwd: '/',
    env: { PATH: process.env['PATH'], LANG: 'C.UTF-8' },
    stdio: 'pipe',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)));
  return { child, ended, said: () => said, peer: streamPeer('w1', child.stdin, child.stdout) };
}

/** A port of a component, open for a run. */
async function opened() {
  const here = started();
  const { peer } = here;
  const { instance } = await peer.call('meet', { protocol: 1, version: '0.0.0-test', plan: {} }, NEVER);
  const run = randomBytes(8).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  const members = [{ key: 'w1', instance, addresses: [HERE] }];
  await peer.call('enlist', { run, secret, self: 'w1', members, endpoints: [], plan: {} }, NEVER);
  const answer = await peer.call('open', { run, openings: [{ protocol: 'tcp', address: HERE, ports: PORT }] }, NEVER);
  expect(answer.opened).toMatchObject([{ listener: 'ours' }]);
  expect(isOpen()).toBe(true);
  return here;
}

function isOpen(): boolean {
  const [a = '', b = '', c = '', d = ''] = HERE.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  const row = `${d}${c}${b}${a}:${PORT.first.toString(16)}`.toUpperCase();
  return readFileSync('/proc/net/tcp', 'utf8').includes(`${row} 00000000:0000 0A`);
}

describe('a peer over standard input and output', () => {
  test('ends with its input, and has closed everything', async () => {
    const { child, ended, said } = await opened();
    child.stdin.end();
    expect({ code: await ended, said: said(), open: isOpen() }).toEqual({ code: 0, said: '', open: false });
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('ends with %s', async (signal) => {
    const { child, ended } = started();
    child.stdout.once('data', () => child.kill(signal));
    child.stdin.write('{"id":1,"message":"clock","request":{}}\n');
    expect(await ended).toBe(0);
  });

  test('ends when nobody reads its answers any more', async () => {
    const { child, ended, peer } = started();
    await peer.call('clock', {}, NEVER);
    child.stdout.destroy();
    child.stdin.write('{"id":7,"message":"clock","request":{}}\n');
    child.stdin.end();
    expect(await ended).toBe(0);
  });

  test('holds no socket, and asks for no token', async () => {
    const { child, peer } = started();
    await peer.call('clock', {}, NEVER);
    const inodes = readFileSync(`/proc/${child.pid}/net/tcp`, 'utf8');
    expect(inodes).not.toContain(`:${(10_777).toString(16).toUpperCase()} 00000000:0000 0A`);
    peer.close();
  });

  test('ends when its input goes on and nobody says anything: a link that was cut', { timeout: 40_000 }, async () => {
    const { ended, said } = started();
    const first = await Promise.race([ended, sleep(12_000, 'still there')]);
    expect(first).toBe('still there');
    expect(await Promise.race([ended, sleep(10_000, 'still there')])).toBe(0);
    expect(said()).toBe('');
  });
});

test.each([
  ['no JSON', 'hello\n'],
  ['no message', '{"id":"x"}\n'],
])('what is %s is said in one sentence', async (_, stdin) => {
  const { code, stdout, stderr } = await runCli(['listen', '--stdio'], { stdin });
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  expect(stderr).toMatch(/^seaworthy: --stdio: what came is no message of seaworthy[^\n]*\n$/);
});

test('its help names it', async () => {
  expect((await runCli(['listen', '--help'])).stdout).toContain('--stdio');
});
