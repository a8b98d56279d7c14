/** Has systemd-analyze read the units of deploy/systemd: `npm run units`. Where the program is installed does not matter for it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const UNITS = join(import.meta.dirname, '../deploy/systemd');

if (spawnSync('systemd-analyze', ['--version']).error !== undefined) {
  process.stdout.write('units: not verified, there is no systemd-analyze here\n');
} else {
  const directory = mkdtempSync(join(tmpdir(), 'seaworthy-units-'));
  try {
    const files = readdirSync(UNITS).map((name) => {
      const file = join(directory, name);
      writeFileSync(file, readFileSync(join(UNITS, name), 'utf8').replaceAll('/usr/local/bin/seaworthy', '/bin/true'));
      return file;
    });
    execFileSync('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', ...files], { stdio: 'inherit' });
    process.stdout.write(`units: ${files.length} verified\n`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
