import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

test('systemd takes the units', ({ skip }) => {
  if (spawnSync('systemd-analyze', ['--version']).error !== undefined) skip('there is no systemd-analyze here');
  const said = execFileSync(process.execPath, [join(ROOT, 'tools/verify-units.ts')], { encoding: 'utf8' });
  expect(said).toBe('units: 3 verified\n');
});
