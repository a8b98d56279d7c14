import { spawnSync, type ChildProcess } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { addInstallation, pack } from '../../../tools/executable/archive.ts';
import { PROGRAM } from '../../program.ts';
import {
  plugin,
  removeDirectories,
  runCommand,
  temporaryDirectory,
  WAITS_FOR_EVER,
  type CliResult,
} from '../seaworthy.ts';

afterAll(removeDirectories);

const SETTLED_MS = 2_000;
const UNITS = ['seaworthy-check.service', 'seaworthy-check.timer', 'seaworthy.service'];

/** The archive, unpacked where somebody who downloaded it would. */
const unpacked = (() => {
  const directory = temporaryDirectory();
  const archive = join(directory, 'archive/seaworthy');
  mkdirSync(archive, { recursive: true });
  copyFileSync(PROGRAM[0], join(archive, 'seaworthy'));
  addInstallation(archive);
  pack(join(directory, 'archive'), 'seaworthy', join(directory, 'seaworthy.tar.gz'));
  spawnSync('tar', ['-xzf', join(directory, 'seaworthy.tar.gz'), '-C', directory]);
  return join(directory, 'seaworthy');
})();

const install = (...args: readonly string[]): Promise<CliResult> =>
  runCommand([join(unpacked, 'install.sh'), ...args], { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } });

/** Everything below a directory: kinds, modes, sizes and times of files, and where links lead. */
function everything(directory: string): string[] {
  const printed = spawnSync('find', [directory, '-mindepth', '1', '-printf', '%y %m %P %l %T@ %s\n'], {
    encoding: 'utf8',
  });
  const lines = printed.stdout.split('\n').filter((line) => line !== '');
  // Time and size of a directory change with what was in it meanwhile.
  return lines.map((line) => (line.startsWith('d') ? line.split(' ').slice(0, 3).join(' ') : line)).toSorted();
}

/** The root directory of a machine, with some things of its own. */
function machineRoot(): string {
  const root = temporaryDirectory();
  for (const [path, text] of Object.entries({
    'etc/seaworthy/seaworthy.yaml': 'role: worker\n',
    'etc/default/seaworthy': 'SEAWORTHY_CNI=flannel\n',
    'usr/local/share/man/man1/other.1': '',
    'usr/local/bin/other': '',
  })) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

describe.each(['/usr/local', '/usr', '/opt/sea_worthy-1.0'])('below %s', (prefix) => {
  test('everything is in place and works, and goes without a trace', async () => {
    const root = machineRoot();
    const before = everything(root);
    expect(await install('--root', root, '--prefix', prefix)).toMatchObject({ code: 0, stderr: '' });
    const at = (path: string) => join(root, prefix, path);
    expect(await runCommand([at('bin/seaworthy'), '--version'])).toMatchObject({
      stdout: `seaworthy ${manifest.version}\n`,
    });
    expect(readFileSync(at('share/man/man1/seaworthy.1'), 'utf8')).toContain('.TH SEAWORTHY 1');
    expect(readFileSync(at('share/zsh/site-functions/_seaworthy'), 'utf8')).toMatch(/^#compdef seaworthy\n/);
    expect(readFileSync(at('share/fish/vendor_completions.d/seaworthy.fish'), 'utf8')).toContain(
      'complete -c seaworthy',
    );
    const line = 'source "$0" && complete -p seaworthy';
    const completed = await runCommand(['bash', '-c', line, at('share/bash-completion/completions/seaworthy')]);
    expect(completed.stdout).toBe('complete -F _seaworthy seaworthy\n');
    const starts = UNITS.flatMap(
      (unit) => readFileSync(at(`lib/systemd/system/${unit}`), 'utf8').match(/^ExecStart=.*/gm) ?? [],
    );
    expect(starts.map((line) => line.split(' ')[0])).toEqual(starts.map(() => `ExecStart=${prefix}/bin/seaworthy`));
    expect(starts).toHaveLength(2);

    // As `systemctl enable` leaves it.
    mkdirSync(join(root, 'etc/systemd/system/multi-user.target.wants'), { recursive: true });
    writeFileSync(join(root, 'etc/systemd/system/multi-user.target.wants/seaworthy.service'), '');
    const gone = await install('--uninstall', '--root', root, `--prefix=${prefix}`);
    expect(gone).toMatchObject({ code: 0, stderr: '' });
    expect(gone.stdout).toContain('/etc/seaworthy\n');
    rmSync(join(root, 'etc/systemd'), { recursive: true });
    expect(everything(root)).toEqual(before);
  });
});

test('again over an older version, which is running: what it alone had is gone, and what others put there stays', async () => {
  const root = machineRoot();
  const before = everything(root);
  expect((await install('--root', root)).code).toBe(0);
  const bin = join(root, 'usr/local/bin/seaworthy');
  const record = join(root, 'usr/local/share/seaworthy/installed');
  writeFileSync(record, `${readFileSync(record, 'utf8')}f /usr/local/share/seaworthy/of-old\n`);
  writeFileSync(join(root, 'usr/local/share/seaworthy/of-old'), '');
  const waits = [
    'check',
    '--plugin',
    plugin(temporaryDirectory(), WAITS_FOR_EVER),
    '--only',
    'acme',
    '--timeout',
    '20s',
  ];
  let again: CliResult | null = null;
  const replace = async (child: ChildProcess) => {
    again = await install('--root', root);
    child.kill('SIGTERM');
  };
  const running = await runCommand([bin, ...waits], {
    onStart: (child) => void setTimeout(() => void replace(child), SETTLED_MS),
  });
  expect(running.code).toBe(143);
  expect(again).toMatchObject({ code: 0, stderr: '' });
  expect(existsSync(join(root, 'usr/local/share/seaworthy/of-old'))).toBe(false);
  expect(await runCommand([bin, 'token'])).toMatchObject({ code: 0 });
  writeFileSync(join(root, 'usr/local/share/zsh/site-functions/_other'), '');
  expect(await install('--uninstall', '--root', root)).toMatchObject({ code: 0, stderr: '' });
  expect(existsSync(join(root, 'usr/local/share/zsh/site-functions/_other'))).toBe(true);
  rmSync(join(root, 'usr/local/share/zsh'), { recursive: true });
  expect(everything(root)).toEqual(before);
});

describe('is refused, and has touched nothing:', () => {
  const attempt = async (root: string, ...args: readonly string[]) => {
    const before = everything(root);
    const { code, stderr } = await install('--root', root, ...args);
    return { code, stderr, touched: everything(root).filter((line) => !before.includes(line)) };
  };
  const refused = (said: string) => ({ code: 3, stderr: expect.stringContaining(said), touched: [] });

  test('a file of somebody else in its place', async () => {
    const root = machineRoot();
    writeFileSync(join(root, 'usr/local/bin/seaworthy'), 'of npm');
    expect(await attempt(root)).toEqual(refused('is there, and not from here'));
  });

  test.each([
    ['what is --prefi?', '--prefi'],
    ['--prefix needs a directory', '--prefix'],
    ['does not begin with /', '--prefix', 'usr'],
    ['has a character', '--prefix', '/opt/a b'],
    ['nothing is installed below', '--uninstall'],
  ])('%s', async (said, ...args) => {
    expect(await attempt(machineRoot(), ...args)).toEqual(refused(said));
  });

  test('an archive that is not whole', async () => {
    const whole = join(unpacked, 'seaworthy.1');
    const text = readFileSync(whole);
    rmSync(whole);
    try {
      expect(await attempt(machineRoot())).toEqual(refused('unpack the whole archive'));
    } finally {
      writeFileSync(whole, text);
    }
  });

  test('a disk that is full', async ({ skip }) => {
    if (process.geteuid?.() !== 0) skip('only root can mount a small disk');
    const root = temporaryDirectory();
    const script = `mount -t tmpfs -o size=20m tmpfs "$1"; mkdir -p "$1/usr/local"; "$0" --root "$1"; echo $?; find "$1" | sort`;
    const { stdout, stderr } = await runCommand([
      'unshare',
      '--mount',
      'sh',
      '-c',
      script,
      join(unpacked, 'install.sh'),
      root,
    ]);
    expect(stderr).toContain('No space left');
    expect(stdout).toMatch(new RegExp(`^[1-9]\\d*\\n${root}\\n${root}/usr\\n${root}/usr/local\\n$`));
  });
});
