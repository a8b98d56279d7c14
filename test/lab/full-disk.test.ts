import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { machine, removeDirectories, runCli, temporaryDirectory } from '../cli/seaworthy.ts';
import { needLab } from './lab.ts';

afterAll(removeDirectories);

test('on a full disk the old report stays whole, nothing is left beside it, and one sentence says why', async ({
  skip,
  onTestFinished,
}) => {
  needLab(skip);
  const disk = temporaryDirectory();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'seaworthy-test', disk]);
  onTestFinished(() => void execFileSync('umount', [disk]));
  writeFileSync(join(disk, 'report.prom'), 'seaworthy_old 1\n');
  writeFileSync(join(disk, 'ballast'), Buffer.alloc(60 * 1024));
  const root = machine();
  const run = () => runCli(['check', '--root', root, '--json', '-o', `prometheus=${join(disk, 'report.prom')}`]);
  const full = await run();
  expect(full.code).toBe(3);
  expect(full.stderr).toMatch(/^seaworthy: .*report\.prom: no space left on the device\n$/);
  // What could be handed over was.
  expect(JSON.parse(full.stdout)).toMatchObject({ schema: 'seaworthy.report/v1' });
  expect(readFileSync(join(disk, 'report.prom'), 'utf8')).toBe('seaworthy_old 1\n');
  expect(readdirSync(disk).sort()).toEqual(['ballast', 'report.prom']);
});
