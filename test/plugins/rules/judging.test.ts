import { describe, expect, test } from 'vitest';
import { judged } from './given.ts';

const KEY = 'net.core.somaxconn';
const sysctl = (expected: object) => ({ sysctl: KEY, expect: expected });
const key = (value: string | null) => ({ value: { sysctl: KEY, value } });

describe.each([
  [{ equals: 4096 }, ['4096'], ['4097', '', null], []],
  [{ equals: '4096 87380  6291456' }, ['4096 87380 6291456'], ['4096 87380'], []],
  [{ equals: true }, ['true'], ['1'], []],
  [{ oneOf: [1, '2'] }, ['1', '2'], ['3', null], []],
  [{ atLeast: 10 }, ['10', '11', '18446744073709551615'], ['9', '-11', null], ['many', '', '1 2', '10.5', '0x10']],
  [{ atLeast: '9007199254740993' }, ['9007199254740993'], ['9007199254740992'], []],
  [{ atMost: 10 }, ['10', '-3'], ['11', null], ['ten']],
  [{ matches: '^(always|madvise)$' }, ['always'], ['never', 'always x', null], []],
  [{ exists: true }, ['', '0'], [null], []],
  [{ absent: true }, [null], ['', '0'], []],
])('%j', (expected, good, bad, open) => {
  test.each(good)('%j is as expected', async (value) => {
    expect(await judged(sysctl(expected), key(value))).toMatchObject({ status: 'pass', reason: 'as-expected' });
  });
  test.each(bad)('%j is not', async (value) => {
    expect(await judged(sysctl(expected), key(value))).toMatchObject({ status: 'fail', reason: 'bad' });
  });
  test.each(open)('%j cannot be told', async (value) => {
    expect(await judged(sysctl(expected), key(value))).toMatchObject({ status: 'unknown', reason: 'undecided' });
  });
  test('what was not read is not known', async () => {
    const unread = await judged(sysctl(expected), { unread: 'denied', detail: 'not for you' });
    expect(unread).toMatchObject({ status: 'unknown', reason: 'fact-denied', message: 'not for you' });
  });
});

describe('port', () => {
  const at = (names: readonly string[] | null, address = '::') => ({ address, names });
  test.each([
    ['free', { absent: true }, [], 'pass'],
    ['taken', { absent: true }, [at(['nginx'])], 'fail'],
    ['taken by the kernel', { absent: true }, [at([])], 'fail'],
    ['taken by somebody', { absent: true }, [at(null)], 'fail'],
    ['held by this program for a run', { absent: true }, [at(['seaworthy'])], 'pass'],
    ['somebody listens', { exists: true }, [at(null)], 'pass'],
    ['nobody listens', { exists: true }, [], 'fail'],
    ['its owner', { equals: 'nginx' }, [at(['nginx', 'worker'])], 'pass'],
    ['nobody', { equals: 'nginx' }, [], 'fail'],
    ['another', { equals: 'nginx' }, [at(['apache2'])], 'fail'],
    ['the kernel', { equals: 'nginx' }, [at([])], 'fail'],
    ['its owner and another', { equals: 'nginx' }, [at(['nginx'], '127.0.0.1'), at(['apache2'], '10.0.0.1')], 'fail'],
    ['who knows', { equals: 'nginx' }, [at(null)], 'unknown'],
    ['its owner, and who knows', { oneOf: ['nginx', 'caddy'] }, [at(['caddy'], '127.0.0.1'), at(null)], 'unknown'],
    ['another, and who knows', { equals: 'nginx' }, [at(['caddy']), at(null)], 'fail'],
  ])('%s: %j', async (_, expected, listeners, status) => {
    const rule = { port: 'tcp/8080', expect: expected };
    expect(await judged(rule, { value: { port: 'tcp/8080', listeners } })).toMatchObject({ status });
  });
});

describe('file', () => {
  const rule = (expected: object) => ({ file: '/etc/x', expect: expected });
  test.each([
    [{ exists: true }, 'directory', 'pass'],
    [{ exists: true }, null, 'fail'],
    [{ absent: true }, null, 'pass'],
    [{ absent: true }, 'fifo', 'fail'],
    [{ equals: 'file' }, 'file', 'pass'],
    [{ equals: 'file' }, 'socket', 'fail'],
    [{ oneOf: ['file', 'directory'] }, 'directory', 'pass'],
  ])('%j, %s', async (expected, value, status) => {
    expect(await judged(rule(expected), { value: { file: '/etc/x', value } })).toMatchObject({ status });
  });

  test.each([
    [{ equals: '0600' }, '0600', 'pass'],
    [{ equals: '600' }, '0600', 'pass'],
    [{ equals: '0o600' }, '0640', 'fail'],
    [{ oneOf: ['0600', '0400'] }, '0400', 'pass'],
    [{ atMost: '0640' }, '0600', 'pass'],
    [{ atMost: '0640' }, '0640', 'pass'],
    // A smaller number, and more than is allowed.
    [{ atMost: '0640' }, '0604', 'fail'],
    [{ atMost: '0755' }, '4755', 'fail'],
    [{ atMost: '0755' }, null, 'fail'],
  ])('mode %j, %s', async (expected, value, status) => {
    const mode = { fileMode: '/etc/x', expect: expected };
    expect(await judged(mode, { value: { fileMode: '/etc/x', value } })).toMatchObject({ status });
  });

  test.each([
    [{ equals: 'root' }, 0, { root: 0 }, 'pass'],
    [{ equals: 'root' }, 1000, { root: 0 }, 'fail'],
    [{ equals: 1000 }, 1000, { '1000': 1000 }, 'pass'],
    [{ oneOf: ['etcd', 'root'] }, 997, { etcd: 997, root: 0 }, 'pass'],
    [{ equals: 'etcd' }, 997, { etcd: null }, 'unknown'],
    [{ oneOf: ['etcd', 'root'] }, 0, { etcd: null, root: 0 }, 'pass'],
    [{ equals: 'etcd' }, null, { etcd: null }, 'fail'],
  ])('owner %j, %s', async (expected, uid, users, status) => {
    const owner = { fileOwner: '/etc/x', expect: expected };
    expect(await judged(owner, { value: { fileOwner: '/etc/x', uid, users } })).toMatchObject({ status });
  });

  test.each([
    [{ exists: true }, 'present', 'pass'],
    [{ exists: true }, 'absent', 'fail'],
    [{ exists: true }, 'no-file', 'fail'],
    [{ absent: true }, 'absent', 'pass'],
    [{ absent: true }, 'no-file', 'pass'],
    [{ absent: true }, 'present', 'fail'],
  ])('line %j, %s', async (expected, value, status) => {
    const line = { fileLine: { path: '/etc/x', matches: '^a$' }, expect: expected };
    const found = await judged(line, { value: { fileLine: '/etc/x', matches: '^a$', value } });
    expect(found).toMatchObject({ status, subject: '/etc/x' });
    expect(found.expected).toMatch(/^(?:a|no) line that matches \^a\$$/);
  });
});

describe.each([
  ['module', 'br_netfilter', 'loaded'],
  ['command', 'jq', '/usr/bin/jq'],
])('%s', (kind, name, there) => {
  test.each([
    [{ exists: true }, there, 'pass'],
    [{ exists: true }, null, 'fail'],
    [{ absent: true }, null, 'pass'],
    [{ absent: true }, there, 'fail'],
  ])('%j, %s', async (expected, value, status) => {
    const rule = { [kind]: name, expect: expected };
    expect(await judged(rule, { value: { [kind]: name, value } })).toMatchObject({ status, subject: name });
  });
});

describe('program', () => {
  const rule = { program: { argv: ['/bin/x', 'a b'] } };
  const said = (exitCode: number | null, message: string) => ({
    value: { program: "/bin/x 'a b'", exitCode, message },
  });
  test.each([
    [0, 'pass', 'as-expected'],
    [1, 'fail', 'bad'],
    [2, 'unknown', 'undecided'],
    [3, 'unknown', 'undecided'],
    [127, 'unknown', 'undecided'],
    [null, 'unknown', 'undecided'],
  ])('exit code %s', async (exitCode, status, reason) => {
    expect(await judged(rule, said(exitCode, 'its own {subject}'))).toMatchObject({
      status,
      reason,
      subject: "/bin/x 'a b'",
      message: 'its own {subject}',
    });
    expect((await judged(rule, said(exitCode, ''))).message).toContain('exit code 0');
  });
});

describe('texts', () => {
  const fail = {
    reason: 'too-short',
    status: 'warn',
    message: '{subject} is {actual}, not {expected}.',
    why: 'Because of {subject}.',
    remedy: { text: 'Make it {expected}.', commands: ["sysctl -w {subject}={expected} # {x} ${y} '{print}'"] },
  };

  test('placeholders are filled once', async () => {
    const found = await judged({ ...sysctl({ equals: 5 }), fail }, key('{expected} $& {subject}'));
    expect(found).toMatchObject({
      status: 'warn',
      reason: 'too-short',
      message: `${KEY} is {expected} $& {subject}, not 5.`,
      why: `Because of ${KEY}.`,
      remedy: { text: 'Make it 5.', commands: [`sysctl -w ${KEY}=5 # {x} \${y} '{print}'`] },
    });
  });

  test('what gets into a command is quoted', async () => {
    const file = '/srv/it is $(rm)';
    const rule = {
      file,
      expect: { exists: true },
      fail: { reason: 'gone', remedy: { text: 'Make it.', commands: ['touch {subject}'] } },
    };
    expect((await judged(rule, { value: { file, value: null } })).remedy?.commands).toEqual([
      "touch '/srv/it is $(rm)'",
    ]);
  });

  test('a pass has words of its own', async () => {
    const pass = { reason: 'long-enough', message: '{subject} is {actual}.' };
    expect(await judged({ ...sysctl({ atLeast: 5 }), pass }, key('9'))).toMatchObject({
      status: 'pass',
      reason: 'long-enough',
      message: `${KEY} is 9.`,
    });
  });
});
