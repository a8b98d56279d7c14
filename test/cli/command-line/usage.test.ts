import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { removeDirectories, runCli, temporaryDirectory } from '../seaworthy.ts';

afterAll(removeDirectories);

const directory = temporaryDirectory();
const file = (name: string, content: string | Buffer) => {
  writeFileSync(join(directory, name), content);
  return join(directory, name);
};
const aliases = [
  'a: &a [x]',
  ...Array.from(
    { length: 30 },
    (_, i) =>
      `${'bcdefghijklmnopqrstuvwxyzABCDE'[i]}: &${'bcdefghijklmnopqrstuvwxyzABCDE'[i]} [*${'abcdefghijklmnopqrstuvwxyzABCD'[i]},*${'abcdefghijklmnopqrstuvwxyzABCD'[i]}]`,
  ),
].join('\n');
const junk = file('junk', Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7919) % 256)));
const huge = file('huge.yaml', `role: worker\n${'# a line of nothing at all\n'.repeat(400_000)}`);
mkdirSync(join(directory, 'dir'));

/** What is said wrongly, and what the message must hold. */
const CASES: readonly (readonly [args: readonly string[], ...said: readonly string[]])[] = [
  [['chek'], '"chek"', 'Did you mean check?', 'completion'],
  [['nonsense'], '"nonsense"', 'Commands: check'],
  [['check', '--rol', 'worker'], '"--rol"', 'Did you mean --role?'],
  [['--rol', 'worker'], '"--rol"', 'Did you mean --role?'],
  [['check', '-Z'], '"-Z"'],
  [['check', '--role'], '--role', 'needs a value', 'control-plane, worker, etcd'],
  [['check', '--role', '--json'], '--role', 'needs a value'],
  [['check', '--json=yes'], '--json', 'takes no value'],
  [['check', 'worker'], '"worker"', 'too much'],
  [['token', '--role', 'worker'], 'token', '--role'],
  [['check', '--role', 'workr'], '--role', '"workr"', 'control-plane, worker, etcd', 'did you mean worker?'],
  [['check', '--stage', 'new'], '--stage', '"new"', 'fresh, joined'],
  [['check', '--cni', 'flanel'], '--cni', '"flanel"', 'flannel', 'none'],
  [['check', '--pod-cidr', '10.0.0.0/99'], '--pod-cidr', '"10.0.0.0/99"', 'CIDR'],
  [['check', '--service-cidr', 'fd00::/x'], '--service-cidr', 'CIDR'],
  [['check', '--node-port-range', '9-1'], '--node-port-range', '"9-1"', '30000-32767'],
  [['check', '--node-port-range', '1-70000'], '--node-port-range', '65535'],
  [['check', '--timeout', '5x'], '--timeout', '"5x"', '5s'],
  [['check', '--budget', '-1s'], '--budget'],
  [['check', '--budget=-1s'], '--budget', '"-1s"'],
  [['check', '--concurrency', '0'], '--concurrency', '"0"', '1'],
  [['check', '--kubernetes-version', 'latest'], '--kubernetes-version', '"latest"', '1.36'],
  [['check', '--node-ip', '127.0.0.1'], '--node-ip', '"127.0.0.1"'],
  [['check', '--fail-on', 'pass'], '--fail-on', 'fail, unknown, warn'],
  [['check', '-o', 'jsn'], '--output', '"jsn"', 'did you mean json?'],
  [['check', '-o', 'text', '-o', 'json'], '--output', 'text and json'],
  [['check', '-o', `json=${directory}/none/x`], '--output', `${directory}/none`, 'no such directory'],
  [['check', '-o', `json=${directory}/dir`], '--output', 'it is a directory'],
  [['check', '--save-facts', `${directory}/none/x`], '--save-facts', 'no such directory'],
  [['check', '--only', 'ip-forwad'], '--only', '"ip-forwad"', 'Did you mean kernel/ip-forward?', 'kernel'],
  [['check', '--skip', 'kernl'], '--skip', '"kernl"', 'Did you mean kernel?'],
  [['check', '--ignore-preflight-errors', 'Swp'], '--ignore-preflight-errors', '"Swp"', 'Did you mean Swap?'],
  [['mesh'], '--peer', 'seaworthy listen', 'seaworthy mesh --peer control-plane@10.0.0.11 --peer'],
  [['mesh', '--peer', 'worker@10.0.0.12'], '--peer worker@10.0.0.12', 'only one', 'seaworthy check --peer'],
  [['mesh', '--peer', '10.0.0.11', '--peer', '10.0.0.12'], '--token-file', 'SEAWORTHY_TOKEN', 'seaworthy listen'],
  [['check', '--only', 'kernel', '--skip', 'kernel'], '--only kernel and --skip kernel', 'no check to run'],
  [['check', '--ignore-preflight-errors', 'all,Swap'], '--ignore-preflight-errors', 'all alone'],
  [['check', '--save-facts', '-'], '--save-facts', 'name of a file', 'seaworthy facts'],
  [['check', '-o', 'json=a', '-o', 'text=./a'], '--output', 'one file'],
  [['check', '-o', 'json=a', '--save-facts', 'a'], '--save-facts', '--output'],
  [['check', '--service-cidr', '10.96.0.0/29'], '--service-cidr', 'ten addresses'],
  [['check', '--pod-cidr', '10.1.0.0/16,10.2.0.0/16'], '--pod-cidr', 'one IPv4 and one IPv6'],
  [['check', '--root', `${directory}/none`], '--root', 'no such directory'],
  [['check', '--root', mkdtempSync(join(directory, 'unmounted-'))], '--root', 'no machine is there', 'Mount its disk'],
  [['facts', '--root', '/etc'], '--root /etc', 'no machine is there'],
  [['check', '--root', huge], '--root', 'not a directory'],
  [['check', '--facts', `${directory}/none`], `${directory}/none`, 'no such file'],
  [['check', '--facts', junk], junk, 'not JSON'],
  [['check', '--facts', file('object.json', '{"schema":"else"}')], 'object.json', 'seaworthy.facts/v1'],
  [['check', '--facts', junk, '--root', '/'], '--facts', '--root'],
  [['check', '--peer', 'root@w1'], '--peer', '"root@w1"', '[ROLE@]HOST[:PORT]', 'control-plane, worker, etcd'],
  [['check', '--peer', 'workr@w1'], '--peer', 'did you mean worker?'],
  [['mesh', '--peer', 'w1:0'], '--peer', '"w1:0"', '10777'],
  [['check', '--peer', 'w1,worker@w1:10777'], '--peer', 'each machine once'],
  [['check', '--peer', 'w1', '--wait', '2d'], '--wait', '"2d"', '5m'],
  [['listen', '--listen', '10777'], '--listen', '"10777"', ':10777'],
  [['listen', '--for', '1000h'], '--for', '480h'],
  [['listen', '--peer', 'w1'], '--peer', 'check, mesh, serve, config'],
  [['listen', '--root', '/'], '--root', 'check, serve, facts, config'],
  [['listen', '--token-file', `${directory}/none`], '--token-file', `${directory}/none`, 'no such file'],
  [['listen', '--token-file', `${directory}/dir`], '--token-file', 'not a regular file'],
  [['listen', '--token-file', '/dev/zero'], '--token-file', 'not a regular file'],
  [['mesh', '--ssh', '--peer', 'w1,w2', '--token-file', '/nonexistent'], '--token-file: cannot be combined with --ssh'],
  [['listen', '--stdio', '--token-file', '/nonexistent'], '--token-file: cannot be combined with --stdio'],
  [['check', '--join', 'kubeadm init'], '--join', 'kubeadm join'],
  [['check', '--config', `${directory}/none`], '--config', `${directory}/none`, 'no such file'],
  [['check', '--config', `${directory}/dir`], '--config', 'it is a directory'],
  [['check', '--config', '/dev/zero'], '--config', 'not a regular file'],
  [['check', '--config', junk], junk],
  [['check', '--config', huge], huge, 'longer than'],
  [['check', '--config', file('aliases.yaml', aliases)], 'aliases.yaml'],
  [['check', '--config', file('key.yaml', 'rolle: worker\n')], 'key.yaml', '"rolle"', 'did you mean role?'],
  [['check', '--config', file('type.yaml', 'role: { worker: 1 }\n')], 'type.yaml', 'role'],
  [['check', '--config', file('value.yaml', 'stage: stale\n')], 'value.yaml', 'stage', '"stale"', 'fresh, joined'],
  [['check', '--config', file('list.yaml', '- 1\n')], 'list.yaml'],
  [['explain'], 'CHECK|CATEGORY', 'seaworthy list'],
  [['explain', 'machine-id2'], '"machine-id2"', 'Did you mean identity/machine-id?'],
  [['explain', 'kernl'], '"kernl"', 'Did you mean kernel?'],
  [['explain', 'identity/machine-id', 'more'], '"more"'],
  [['schema', 'reprot'], '"reprot"', 'Did you mean report?', 'report, facts, config'],
  [['completion'], 'SHELL', 'bash, zsh, fish'],
  [['completion', 'ksh'], '"ksh"', 'bash, zsh, fish'],
  [['compare'], 'FILE'],
  [['compare', '/etc/hostname'], '/etc/hostname'],
];

describe.concurrent('wrong usage names itself, in ten lines at most, and touches nothing', () => {
  test.each(CASES.map(([args, ...said]) => ({ args, said })))('$args', async ({ args, said }) => {
    const cwd = temporaryDirectory();
    const { code, stdout, stderr, ms } = await runCli(args, { cwd });
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    for (const words of said) expect(stderr).toContain(words);
    expect(stderr).toMatch(/^seaworthy: [^\n]+\n/);
    expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(10);
    expect(stderr.length).toBeLessThan(2_000);
    expect(ms).toBeLessThan(10_000);
    expect(readdirSync(cwd)).toEqual([]);
  });
});

test('a variable is named when its value is wrong', async () => {
  const { code, stderr } = await runCli(['check'], { env: { SEAWORTHY_ROLE: 'workr' } });
  expect(code).toBe(3);
  expect(stderr).toContain('SEAWORTHY_ROLE');
  expect((await runCli(['check'], { env: { SEAWORTHY_ONLY: 'kernl' } })).stderr).toContain('SEAWORTHY_ONLY "kernl"');
});

test('escape codes and megabytes of a value do not reach the terminal', async () => {
  const hostile = await runCli([`check\u001B[2J\u009B\u202E`]);
  for (const hidden of ['\u001B', '\u009B', '\u202E']) expect(hostile.stderr).not.toContain(hidden);
  const long = await runCli(['check', '--role', 'x'.repeat(100_000)]);
  expect(long.code).toBe(3);
  expect(long.stderr.length).toBeLessThan(2_000);
});

test('a token of a join line that is wrong appears nowhere', async () => {
  const secret = 'abcdef.0123456789abcdef';
  const { code, stdout, stderr } = await runCli(['check', '--join', `kubeadm join nowhere:99999 --token ${secret}`]);
  expect(code).toBe(3);
  expect(stdout + stderr).not.toContain('0123456789abcdef');
});

test.each([
  [['check', 'abcdef.0123456789abcdef']],
  [['abcdef.0123456789abcdef']],
  [['check', '--abcdef.0123456789abcdef']],
  [['check', '--role', 'abcdef.0123456789abcdef']],
  [['check', '--root', './abcdef.0123456789abcdef']],
  [['check', '--config', 'abcdef.0123456789abcdef']],
  [['check', '--only', `${'x'.repeat(50)} abcdef.0123456789abcdef`]],
  [['compare', 'swt1.0123456789abcdef', '/etc/hostname']],
  [['explain', 'swt1.0123456789abcdef']],
])('a token in the wrong place appears nowhere: %s', async (args) => {
  const { code, stdout, stderr } = await runCli(args);
  expect(code).toBe(3);
  expect(stdout + stderr).not.toContain('01234');
  expect(stderr).not.toBe('');
});

test('--join - reads a line, and not without end', async () => {
  const wrong = await runCli(['config', '--join', '-'], { stdin: 'kubeadm init' });
  expect(wrong).toMatchObject({ code: 3, stdout: '' });
  const line =
    'kubeadm join 10.0.0.1:6443 --token abcdef.0123456789abcdef \\\n  --discovery-token-ca-cert-hash sha256:';
  const right = await runCli(['config', '--join', '-'], { stdin: `${line}${'a'.repeat(64)}\n` });
  expect(right).toMatchObject({ code: 0, stderr: '' });
  expect(right.stdout).toContain('10.0.0.1:6443');
  expect(right.stdout).not.toContain('0123456789abcdef');
  const endless = await runCli(['config', '--join', '-'], { stdin: 'x'.repeat(1_000_000) });
  expect(endless).toMatchObject({ code: 3, stdout: '' });
});

test('a configuration in the working directory is not read', async () => {
  const cwd = temporaryDirectory();
  writeFileSync(join(cwd, 'seaworthy.yaml'), 'nonsense: true\n');
  expect((await runCli(['config'], { cwd })).code).toBe(0);
  expect((await runCli(['config'], { cwd, env: { SEAWORTHY_CONFIG: 'seaworthy.yaml' } })).code).toBe(3);
});
