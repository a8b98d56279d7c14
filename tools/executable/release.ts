/**
 * Makes dist/release of the bundle in dist: for each processor, or for those that are named, the executable, its bill of materials, and an archive of both
 * with what install.sh puts in place; and the sums of all of them.
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { addInstallation, pack } from './archive.ts';
import { ARCHITECTURES } from './pinned-node.ts';
import { writeExecutable, writeSums } from './write.ts';

const RELEASE = join(import.meta.dirname, '../../dist/release');
const asked = process.argv.slice(2);

rmSync(RELEASE, { recursive: true, force: true });
mkdirSync(RELEASE);
const stage = mkdtempSync(join(tmpdir(), 'seaworthy-release-'));
try {
  const made: string[] = [];
  for (const architecture of asked.length > 0 ? asked : ARCHITECTURES) {
    const name = `${manifest.name}-${manifest.version}-linux-${architecture}`;
    const directory = join(stage, name);
    mkdirSync(directory);
    for (const file of await writeExecutable(architecture, directory, 'seaworthy')) {
      const published = file.replace('seaworthy', name);
      copyFileSync(join(directory, file), join(RELEASE, published));
      made.push(published);
    }
    addInstallation(directory);
    pack(stage, name, join(RELEASE, `${name}.tar.gz`));
    made.push(`${name}.tar.gz`);
  }
  writeSums(RELEASE, made);
} finally {
  rmSync(stage, { recursive: true, force: true });
}
