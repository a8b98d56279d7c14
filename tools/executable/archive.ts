import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SHELLS } from '../../src/cli/command-line/command.ts';
import { buildDate } from '../build-date.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Puts beside an executable what install.sh puts in place, and install.sh. */
export function addInstallation(directory: string): void {
  for (const file of ['deploy/install.sh', 'LICENSE', 'CHANGELOG.md', 'dist/man/seaworthy.1']) {
    copyFileSync(join(ROOT, file), join(directory, file.replace(/^.*\//, '')));
  }
  cpSync(join(ROOT, 'deploy/systemd'), join(directory, 'systemd'), { recursive: true });
  mkdirSync(join(directory, 'completions'));
  for (const shell of SHELLS) {
    const script = execFileSync(process.execPath, [join(ROOT, 'dist/main.js'), 'completion', shell]);
    writeFileSync(join(directory, 'completions', `seaworthy.${shell}`), script);
  }
}

/** A directory of this name in `parent`, as a compressed archive: the same bytes for the same files and the same date. */
export function pack(parent: string, name: string, archive: string): void {
  const seconds = Math.floor(buildDate().getTime() / 1_000);
  const same = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mode=u+w,go-w', `--mtime=@${seconds}`];
  execFileSync('tar', ['-C', parent, ...same, '-I', 'gzip -n', '-cf', archive, name]);
}
