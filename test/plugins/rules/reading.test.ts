import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rootedSystem } from '../../../src/system/rooted.ts';
import { observed, statusOf } from './given.ts';

let at = '';
beforeAll(() => {
  at = fs.mkdtempSync(join(tmpdir(), 'seaworthy-rules-'));
});
afterAll(() => fs.rmSync(at, { recursive: true }));

function write(path: string, text: string | Buffer, mode = 0o644): string {
  const file = join(at, path);
  fs.mkdirSync(join(file, '..'), { recursive: true });
  fs.writeFileSync(file, text);
  fs.chmodSync(file, mode);
  return file;
}

const EXISTS = { expect: { exists: true } };
const ABSENT = { expect: { absent: true } };

describe('a machine that runs', () => {
  test('a sysctl, with dots and with slashes', async () => {
    const value = fs.readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().replace('\t', ' ');
    for (const sysctl of ['net.ipv4.ip_local_port_range', 'net/ipv4/ip_local_port_range'])
      expect(await observed({ sysctl, ...EXISTS })).toEqual({ value: { sysctl, value } });
    expect(await statusOf({ sysctl: 'net.ipv4.no_such_thing', ...ABSENT })).toBe('pass as-expected');
    expect(await statusOf({ sysctl: 'net.ipv4.no_such_thing', expect: { equals: 1 } })).toBe('fail bad');
    // A directory is no parameter.
    expect(await statusOf({ sysctl: 'net.ipv4', ...ABSENT })).toBe('unknown fact-error');
  });

  test('a command', async () => {
    expect(await observed({ command: 'sh', ...EXISTS })).toMatchObject({
      value: { value: expect.stringMatching(/\/sh$/) },
    });
    expect(await statusOf({ command: 'no-such-program-here', ...ABSENT })).toBe('pass as-expected');
  });

  test('files of each kind', async () => {
    const fifo = join(at, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const kinds = {
      '/dev/null': 'device',
      '/etc': 'directory',
      [fifo]: 'fifo',
      '/etc/passwd': 'file',
      '/etc/none/x': null,
    };
    for (const [file, value] of Object.entries(kinds))
      expect(await observed({ file, ...EXISTS })).toEqual({ value: { file, value } });
  });

  test('mode and owner', async () => {
    const file = write('key', '', 0o640);
    expect(await statusOf({ fileMode: file, expect: { atMost: '0640' } })).toBe('pass as-expected');
    expect(await statusOf({ fileMode: file, expect: { equals: '0600' } })).toBe('fail bad');
    expect(await statusOf({ fileMode: join(at, 'none'), expect: { equals: '0600' } })).toBe('fail bad');
    expect(await statusOf({ fileOwner: '/etc/passwd', expect: { equals: 'root' } })).toBe('pass as-expected');
    expect(await statusOf({ fileOwner: '/etc/passwd', expect: { equals: 'daemon' } })).toBe('fail bad');
    expect(await statusOf({ fileOwner: '/etc/passwd', expect: { equals: 'nobody-knows' } })).toBe('unknown undecided');
  });

  test('a port', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((up) => server.once('listening', up));
    const address = server.address();
    const port = `tcp/${typeof address === 'object' ? address?.port : ''}`;
    // What this process holds itself is in nobody's way; another one holds it here.
    expect(await observed({ port, ...ABSENT })).toEqual({ value: { port, listeners: [] } });
    await new Promise((down) => server.close(down));
    const script = `require('net').createServer().listen(${port.slice(4)}, '127.0.0.1', () => console.log('up'))`;
    const { spawn } = await import('node:child_process');
    const child = spawn(process.execPath, ['-e', script]);
    try {
      await new Promise((up) => child.stdout.once('data', up));
      expect(await statusOf({ port, ...ABSENT })).toBe('fail bad');
      expect(await statusOf({ port, expect: { equals: 'node' } })).toBe('pass as-expected');
      expect(await statusOf({ port, expect: { equals: 'nginx' } })).toBe('fail bad');
    } finally {
      child.kill();
    }
  });
});

describe('lines of files', () => {
  const lineOf = (path: string, matches = '^needle$', expected: object = EXISTS) => ({
    fileLine: { path, matches },
    ...expected,
  });

  test('there, not there, and no file', async () => {
    const file = write('lines', 'hay\r\nneedle\r\n');
    expect(await statusOf(lineOf(file))).toBe('pass as-expected');
    expect(await statusOf(lineOf(file, 'needl$'))).toBe('fail bad');
    expect(await statusOf(lineOf(file, '^$'))).toBe('fail bad');
    expect(await statusOf(lineOf(join(at, 'none')))).toBe('fail bad');
    expect(await statusOf(lineOf(join(at, 'none'), 'x', ABSENT))).toBe('pass as-expected');
    expect(await statusOf(lineOf('/proc/cmdline', '.'))).toBe('pass as-expected');
  });

  test('nothing of the file gets into the fact', async () => {
    const reading = await observed(lineOf(write('secret', 'password = 12345\n'), '^password = \\d'));
    expect(JSON.stringify(reading)).not.toContain('12345');
  });

  test('a huge file is not read, and what it says is not known', async () => {
    const huge = write('huge', '');
    fs.truncateSync(huge, 8 * 1024 ** 3);
    const before = process.memoryUsage().rss;
    expect(await statusOf(lineOf(huge))).toBe('unknown fact-error');
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 ** 2);
  });

  test('the largest file and a costly pattern: others have their turn', async () => {
    const file = write('long', `${'a'.repeat(1023)}\n`.repeat(1024));
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    expect(await statusOf(lineOf(file, '(a|b)*(a|b){40}!'))).toBe('fail bad');
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });

  test('pipes, devices and directories are not opened', async () => {
    const fifo = join(at, 'pipe');
    execFileSync('mkfifo', [fifo]);
    for (const path of [fifo, '/dev/zero', '/dev/null', '/etc', at])
      expect(await statusOf(lineOf(path))).toBe('unknown fact-error');
  });

  test('files of the kernel that give each byte once are left alone, by their links too', async () => {
    fs.symlinkSync('/proc/kmsg', join(at, 'link'));
    for (const path of [
      '/proc/kmsg',
      '/proc/self/environ',
      join(at, 'link'),
      '/sys/kernel/mm/transparent_hugepage/enabled',
    ])
      expect(await statusOf(lineOf(path))).toMatch(/^unknown fact-/);
    expect(await observed(lineOf('/proc/kmsg'))).toMatchObject({
      detail: expect.stringContaining('file of the kernel'),
    });
  });

  test('bytes that are no text', async () => {
    expect(await statusOf(lineOf(write('bytes', Buffer.from([0xff, 0, 0xfe, 10, 0x6e]))))).toBe('fail bad');
  });
});

describe('programs', () => {
  const script = (name: string, text: string) => write(name, `#!/bin/sh\n${text}\n`, 0o755);
  const run = (argv: readonly string[], more: object = {}) => ({ program: { argv, ...more } });

  test('exit code and first line', async () => {
    const file = script('says', 'echo; echo "  $1 is broken  "; echo more; echo noise >&2; exit $2');
    expect(await observed(run([file, 'it', '1']))).toMatchObject({ value: { exitCode: 1, message: 'it is broken' } });
    expect(await statusOf(run([file, 'it', '0']))).toBe('pass as-expected');
    expect(await statusOf(run([file, 'it', '1']))).toBe('fail bad');
    expect(await statusOf(run([file, 'it', '2']))).toBe('unknown undecided');
    expect(await statusOf(run([script('dies', 'kill -9 $$')]))).toBe('unknown undecided');
  });

  test('arguments are what they are', async () => {
    const argv = ['/bin/sh', '-c', `printf '%s|' "$@"; # ${'x'.repeat(2000)}`, 'sh', '', '$HOME', 'a\tb'];
    expect(await observed(run(argv))).toMatchObject({ value: { exitCode: 0, message: '|$HOME|a\tb|' } });
  });

  test('at most 80 characters of it', async () => {
    const reading = await observed(run([script('long', `printf '%s\\n' ${'ü'.repeat(200)}; exit 1`)]));
    expect(reading).toMatchObject({ value: { message: 'ü'.repeat(80) } });
  });

  test('the environment holds nothing of ours', async () => {
    process.env['SEAWORTHY_TOKEN'] = 'swt1.secret';
    try {
      const file = script('environment', 'env | sort | tr "\\n" " "');
      const { value } = (await observed(run([file]))) as { value: { message: string } };
      expect(value.message).toMatch(/^LC_ALL=C /);
      expect(value.message).not.toContain('SEAWORTHY');
      expect(value.message).not.toContain('HOME=');
    } finally {
      delete process.env['SEAWORTHY_TOKEN'];
    }
  });

  test('one that hangs is ended with all that it started', async () => {
    const mark = join(at, 'alive');
    const file = script('hangs', `(while :; do date +%N > ${mark}; sleep 0.05; done) & sleep 1000`);
    expect(await statusOf(run([file], { timeout: '500ms' }))).toBe('unknown fact-timeout');
    const digest = () => createHash('sha1').update(fs.readFileSync(mark)).digest('hex');
    const then = digest();
    await new Promise((later) => setTimeout(later, 400));
    expect(digest()).toBe(then);
  });

  test('one that prints without end is ended', async () => {
    expect(await observed(run([script('prints', 'yes')], { outputLimit: 1000 }))).toMatchObject({
      unread: 'error',
      detail: expect.stringContaining('printed more than 1000 bytes'),
    });
  });

  test('what is not there, and what is no program', async () => {
    expect(await statusOf(run([join(at, 'none')]))).toBe('unknown fact-missing');
    expect(await statusOf(run([write('data', 'just text')]))).toMatch(/^unknown fact-(?:denied|error)$/);
    expect(await statusOf(run([at]))).toMatch(/^unknown fact-/);
  });

  test('nothing is started that others can write, the script of a shell neither', async () => {
    const mark = join(at, 'ran');
    const file = write('open', `#!/bin/sh\ntouch ${mark}\n`, 0o777);
    const relative = file.slice(1);
    for (const argv of [[file], ['/bin/sh', file], ['/bin/sh', relative]]) {
      expect(await observed(run(argv))).toMatchObject({
        unread: 'denied',
        detail: expect.stringContaining('users other than root can write'),
      });
    }
    expect(fs.existsSync(mark)).toBe(false);
  });
});

describe('a directory that stands for a machine', () => {
  const system = () => rootedSystem(at);

  test('what it shows is judged', async () => {
    write('proc/sys/net/ipv4/ip_forward', '1\n');
    write('proc/sys/kernel/osrelease', '6.1.0-test\n');
    write('proc/modules', 'br_netfilter 36864 0 - Live 0x0\n');
    write('lib/modules/6.1.0-test/modules.builtin', 'kernel/fs/nf-odd.ko\n');
    write('etc/acme.conf', 'on\n');
    write('usr/bin/jq', '', 0o755);
    const rooted = system();
    expect(await statusOf({ sysctl: 'net.ipv4.ip_forward', expect: { equals: 1 } }, rooted)).toBe('pass as-expected');
    for (const [module, value] of [
      ['br_netfilter', 'loaded'],
      ['br-netfilter', 'loaded'],
      ['nf_odd', 'built-in'],
      ['overlay', null],
    ])
      expect(await observed({ module, ...EXISTS }, rooted)).toEqual({ value: { module, value } });
    expect(await statusOf({ command: 'jq', ...EXISTS }, rooted)).toBe('pass as-expected');
    expect(await statusOf({ fileLine: { path: '/etc/acme.conf', matches: '^on$' }, ...EXISTS }, rooted)).toBe(
      'pass as-expected',
    );
  });

  test('no program of it is run', async () => {
    expect(await statusOf({ program: { argv: ['/bin/true'] } }, system())).toBe('unknown fact-unsupported');
  });

  test('what it does not show is not known', async () => {
    const empty = rootedSystem(fs.mkdtempSync(join(at, 'empty-')));
    expect(await statusOf({ sysctl: 'net.ipv4.ip_forward', ...ABSENT }, empty)).toBe('unknown fact-unsupported');
    expect(await statusOf({ module: 'overlay', ...ABSENT }, empty)).toBe('unknown fact-unsupported');
    expect(await statusOf({ command: 'jq', ...ABSENT }, empty)).toBe('unknown fact-unsupported');
    expect(await statusOf({ port: 'tcp/80', ...ABSENT }, empty)).toBe('unknown fact-missing');
    write('bare/proc/sys/kernel/osrelease', '6.1.0\n');
    write('bare/proc/modules', '');
    expect(await statusOf({ module: 'overlay', ...ABSENT }, rootedSystem(join(at, 'bare')))).toBe(
      'unknown fact-missing',
    );
  });
});
