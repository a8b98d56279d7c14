import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const EXECUTABLE = join(ROOT, 'dist/seaworthy');

/** The executable that is tested is that of the bundle which is there. */
export default function setup(): void {
  const built = statSync(join(ROOT, 'dist/meta.json')).mtimeMs;
  if (existsSync(EXECUTABLE) && statSync(EXECUTABLE).mtimeMs >= built) return;
  execFileSync(process.execPath, [join(ROOT, 'tools/executable/build.ts')], { stdio: 'inherit' });
}
