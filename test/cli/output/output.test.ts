import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { checks } from '../../../checks/index.ts';
import { pages } from '../../../checks/pages.ts';
import { facts } from '../../../src/facts/index.ts';
import { formats } from '../../../src/report/formats/index.ts';
import { reportSchema } from '../../../src/report/schema.ts';
import { PROGRAM } from '../../program.ts';
import { machine, plugin, removeDirectories, runCli, runCommand, temporaryDirectory } from '../seaworthy.ts';

afterAll(removeDirectories);

const root = machine();
const ONE = ['--root', root, '--only', 'identity/machine-id'];
/** What the API of a cluster tells is there only where one was named. */
const MACHINE_FACTS = Object.entries(facts)
  .filter(([, { of }]) => of !== 'cluster')
  .map(([name]) => name)
  .sort();

describe.concurrent('standard output is what was asked for and nothing else', () => {
  test('check --json', async () => {
    const { code, stdout, stderr } = await runCli(['check', '--json', ...ONE]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(reportSchema.parse(JSON.parse(stdout))).toMatchObject({
      tool: { name: 'seaworthy', version: manifest.version },
      run: { command: 'check' },
      plan: { root: { value: root, origin: 'flag' }, stage: { value: null, origin: 'default' } },
      checks: [{ id: 'identity/machine-id', status: 'pass' }],
    });
  });

  test('check as text has no escape codes off a terminal, unless it is forced', async () => {
    const plain = await runCli(['check', ...ONE]);
    expect(plain.stdout).toContain('READY');
    expect(plain.stdout).not.toContain('\u001B');
    expect((await runCli(['check', ...ONE], { env: { FORCE_COLOR: '1' } })).stdout).toContain('\u001B[');
    expect((await runCli(['check', '--no-color', ...ONE], { env: { FORCE_COLOR: '1' } })).stdout).not.toContain(
      '\u001B',
    );
  });

  test.each([
    ['--ascii', ['--ascii'], {}],
    ['the locale', [], { LANG: 'C' }],
    ['LC_ALL', [], { LC_ALL: 'POSIX' }],
  ] as const)('ASCII alone by %s', async (_, args, env) => {
    const { stdout } = await runCli(['check', ...ONE, ...args], { env });
    expect(stdout).toMatch(/^[\t\n\x20-\x7E]+$/);
  });

  test('facts holds every fact of a machine', async () => {
    const { code, stdout, stderr } = await runCli(['facts', '--root', root]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const evidence = JSON.parse(stdout);
    expect(evidence).toMatchObject({ schema: 'seaworthy.facts/v1', nodes: [{ self: true }] });
    expect(Object.keys(evidence.nodes[0].facts)).toEqual(MACHINE_FACTS);
  });

  test('list', async () => {
    const text = (await runCli(['list'])).stdout;
    for (const { id, title } of checks)
      expect(text).toMatch(new RegExp(`^${id} .*${title.replaceAll(/[^\w]/g, '.')}`, 'm'));
    const json: unknown = JSON.parse((await runCli(['list', '--json'])).stdout);
    expect(json).toMatchObject(checks.map(({ id, title, stages, kubeadm }) => ({ id, title, stages, kubeadm })));
  });

  test('explain', async () => {
    expect((await runCli(['explain', 'identity/machine-id'])).stdout).toBe(pages['identity/machine-id']);
    const acme = plugin(temporaryDirectory());
    expect((await runCli(['explain', 'acme/one', '--plugin', acme])).stdout).toContain('acme is fine');
  });

  test('explain of a category', async () => {
    const { code, stdout } = await runCli(['explain', 'time']);
    expect(code).toBe(0);
    expect(stdout).toBe(
      [
        'Checks of time:',
        '',
        'time/skew  the clocks of the nodes agree',
        'time/sync  the clock is synchronised',
        '',
        'seaworthy explain time/skew prints the page of one.',
        '',
      ].join('\n'),
    );
  });

  test.each(['report', 'facts', 'config'])('schema %s', async (name) => {
    const { code, stdout } = await runCli(['schema', name]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ $schema: expect.stringContaining('json-schema.org'), type: 'object' });
    // Whoever installs the package has it as a file.
    const attached = createRequire(import.meta.url).resolve(`seaworthy/schema/${name}.json`);
    expect(readFileSync(attached, 'utf8')).toBe(stdout);
  });

  test('config says where each value came from', async () => {
    const { stdout } = await runCli(['config', '--role', 'worker'], { env: { SEAWORTHY_STAGE: 'fresh' } });
    expect(stdout).toMatch(/^role: .*worker.*# flag$/m);
    expect(stdout).toMatch(/^stage: fresh # environment$/m);
  });

  test('token', async () => {
    const tokens = await Promise.all([runCli(['token']), runCli(['token'])]);
    for (const { stdout, code } of tokens) {
      expect(code).toBe(0);
      expect(stdout).toMatch(/^swt1\.[\w-]{43}\n$/);
    }
    expect(tokens[0].stdout).not.toBe(tokens[1].stdout);
  });

  test.each([[['--version']], [['check', '--version']]])('%s', async (args) => {
    expect(await runCli(args)).toMatchObject({ code: 0, stderr: '', stdout: `seaworthy ${manifest.version}\n` });
  });
});

test('a warning about a configuration goes to standard error', async () => {
  const file = join(temporaryDirectory(), 'kubeadm.yaml');
  writeFileSync(file, 'apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworkng: {}\n');
  const { code, stdout, stderr } = await runCli(['check', '--json', ...ONE, '--config', file]);
  expect(code).toBe(0);
  expect(reportSchema.parse(JSON.parse(stdout)).nodes).toMatchObject([{ roles: ['control-plane'], stage: 'fresh' }]);
  expect(stderr).toBe(
    `seaworthy: warning: ${file}:3:1: kubeadm passes over "networkng", which a ClusterConfiguration does not have there (did you mean networking?)\n`,
  );
});

test('a join line is judged as joining, whatever an earlier cluster left', async () => {
  const left = machine();
  mkdirSync(join(left, 'etc/kubernetes'));
  writeFileSync(join(left, 'etc/kubernetes/kubelet.conf'), '');
  const line = `kubeadm join 10.0.0.10:6443 --token abcdef.0123456789abcdef --discovery-token-unsafe-skip-ca-verification`;
  const stageOf = async (...args: string[]) =>
    reportSchema.parse(JSON.parse((await runCli(['check', '--json', '--root', left, ...args])).stdout)).nodes[0]?.stage;
  expect(await stageOf()).toBe('joined');
  expect(await stageOf('--join', line)).toBe('fresh');
  expect(await stageOf('--join', line, '--stage', 'joined')).toBe('joined');
});

describe.concurrent('files are written where it was asked for, and nowhere else', () => {
  test('a report beside the one on standard output', async () => {
    const cwd = temporaryDirectory();
    writeFileSync(join(cwd, 'old.json'), 'old');
    chmodSync(join(cwd, 'old.json'), 0o640);
    const args = ['-o', 'json=new.json', '-o', 'json=old.json', '-o', 'text'];
    const { code, stdout, stderr } = await runCli(['check', ...ONE, ...args], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('READY');
    expect(readdirSync(cwd)).toEqual(['new.json', 'old.json']);
    for (const name of ['new.json', 'old.json']) {
      expect(JSON.parse(readFileSync(join(cwd, name), 'utf8'))).toMatchObject({ verdict: 'ready' });
    }
    expect(statSync(join(cwd, 'old.json')).mode & 0o777).toBe(0o640);
  });

  test('every format at once, each whole, and nothing beside them', async () => {
    const cwd = temporaryDirectory();
    const names = Object.keys(formats);
    const outputs = names.flatMap((name) => ['-o', `${name}=report.${name}`]);
    expect(await runCli(['check', ...ONE, ...outputs], { cwd })).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(readdirSync(cwd).sort()).toEqual(names.map((name) => `report.${name}`).sort());
    const report = reportSchema.parse(JSON.parse(readFileSync(join(cwd, 'report.json'), 'utf8')));
    const plain = { color: false, ascii: false, width: 80, quiet: false, verbose: false };
    for (const name of names) {
      expect(readFileSync(join(cwd, `report.${name}`), 'utf8')).toBe(formats[name]?.render(report, plain));
    }
  });

  test('a report alone leaves standard output empty', async () => {
    const cwd = temporaryDirectory();
    expect(await runCli(['check', ...ONE, '-o', 'json=a.json'], { cwd })).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  test('saved facts are for their owner alone, and are judged the same elsewhere', async () => {
    const cwd = temporaryDirectory();
    writeFileSync(join(cwd, 'w1.json'), 'old');
    const first = await runCli(['check', ...ONE, '--json', '--save-facts', 'w1.json'], { cwd });
    expect(statSync(join(cwd, 'w1.json')).mode & 0o777).toBe(0o600);
    const saved = JSON.parse(readFileSync(join(cwd, 'w1.json'), 'utf8'));
    // All of them, whatever --only says.
    expect(Object.keys(saved.nodes[0].facts)).toEqual(MACHINE_FACTS);
    const again = await runCli(['check', '--facts', 'w1.json', '--only', 'identity/machine-id', '--json'], { cwd });
    const findings = ({ stdout }: { readonly stdout: string }) =>
      reportSchema.parse(JSON.parse(stdout)).checks.map(({ findings }) => findings);
    expect(findings(again)).toEqual(findings(first));
  });

  test('a link is followed, a device and a pipe are written in place', async () => {
    const cwd = temporaryDirectory();
    writeFileSync(join(cwd, 'target.json'), 'old');
    symlinkSync('target.json', join(cwd, 'link.json'));
    expect((await runCli(['check', ...ONE, '-o', 'json=link.json', '-o', 'text=/dev/null'], { cwd })).code).toBe(0);
    expect(lstatSync(join(cwd, 'link.json')).isSymbolicLink()).toBe(true);
    expect(JSON.parse(readFileSync(join(cwd, 'target.json'), 'utf8'))).toMatchObject({ verdict: 'ready' });
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
    const script = `"$@" -o json=>(cat > seen.json); sleep 0.3`;
    await runCommand(['bash', '-c', script, 'bash', ...PROGRAM, 'check', ...ONE], { cwd });
    expect(JSON.parse(readFileSync(join(cwd, 'seen.json'), 'utf8'))).toMatchObject({ verdict: 'ready' });
  });

  test('saved facts through a link leave its target its mode; a new file is for its owner alone', async () => {
    const cwd = temporaryDirectory();
    writeFileSync(join(cwd, 'target.json'), 'old');
    chmodSync(join(cwd, 'target.json'), 0o644);
    symlinkSync('target.json', join(cwd, 'link.json'));
    symlinkSync('new.json', join(cwd, 'dangling.json'));
    for (const file of ['link.json', 'dangling.json'])
      expect((await runCli(['check', ...ONE, '--save-facts', file], { cwd })).code).toBe(0);
    expect(JSON.parse(readFileSync(join(cwd, 'target.json'), 'utf8'))).toMatchObject({ nodes: [{ self: true }] });
    expect(statSync(join(cwd, 'target.json')).mode & 0o777).toBe(0o644);
    expect(statSync(join(cwd, 'new.json')).mode & 0o777).toBe(0o600);
  });

  test('a pipe that nobody reads is not waited for', async () => {
    const cwd = temporaryDirectory();
    const script = `mkfifo pipe; "$@" -o json=pipe`;
    const result = await runCommand(['bash', '-c', script, 'bash', ...PROGRAM, 'check', ...ONE], { cwd });
    expect(result.code).toBe(3);
    expect(result.stderr).toContain('nobody reads this pipe');
  });

  test('a disk that is full is told', async () => {
    const result = await runCli(['check', ...ONE, '-o', 'json=/dev/full']);
    expect(result.code).toBe(3);
    expect(result.stderr).toContain('/dev/full');
  });

  test('without root what root alone may write is said before the run', async () => {
    if (process.getuid?.() !== 0 || !existsSync('/usr/bin/setpriv')) return;
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    const result = await runCommand([...nobody, ...PROGRAM, 'check', '-o', 'json=/etc/report.json']);
    expect(result).toMatchObject({ code: 3, stdout: '' });
    expect(result.stderr).toContain('/etc: permission denied');
  });
});

test('compare judges the facts of several nodes together', async () => {
  const cwd = temporaryDirectory();
  for (const [name, directory] of [
    ['a.json', root],
    ['b.json', machine('0123456789abcdef0123456789abcdef', 'w2')],
  ] as const) {
    writeFileSync(join(cwd, name), (await runCli(['facts', '--root', directory])).stdout);
  }
  const { code, stdout } = await runCli(['compare', 'a.json', 'b.json', '--only', 'identity/machine-id', '--json'], {
    cwd,
  });
  expect(code).toBe(2);
  const report = reportSchema.parse(JSON.parse(stdout));
  expect(report.run.command).toBe('compare');
  expect(report.checks[0]?.findings).toContainEqual(
    expect.objectContaining({ reason: 'duplicate', nodes: ['w1', 'w2'] }),
  );
  expect((await runCli(['compare', 'a.json'], { cwd })).code).toBe(3);
});

test('the token of peers reaches no child', async () => {
  const directory = temporaryDirectory();
  const seen = join(directory, 'environment');
  writeFileSync(join(directory, 'kubelet'), `#!/bin/sh\nenv > ${seen}\necho Kubernetes v1.36.0\n`, { mode: 0o755 });
  const env = { PATH: `${directory}:${process.env['PATH']}`, SEAWORTHY_TOKEN: 'swt1.secret' };
  const { stdout, stderr } = await runCli(['facts'], { env });
  expect(readFileSync(seen, 'utf8')).toContain('PATH=');
  expect(readFileSync(seen, 'utf8') + stdout + stderr).not.toContain('secret');
});

test('--verbose tells what kind of machine it is, and nothing else pays for that', async () => {
  const report = async (...args: string[]) =>
    reportSchema.parse(
      JSON.parse((await runCli(['check', '--json', '--only', 'identity/machine-id', ...args])).stdout),
    );
  expect((await report('--verbose')).nodes[0]?.inventory).toMatchObject({
    os: expect.stringMatching(/\S/),
    cores: expect.any(Number),
  });
  expect((await report()).nodes[0]).not.toHaveProperty('inventory');
});
