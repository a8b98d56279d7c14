import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { reportSchema } from '../../src/report/schema.ts';
import { writeExecutable } from '../../tools/executable/write.ts';
import { baseSystem } from './base-system.ts';
import { labTest } from './lab.ts';

const TIMEOUT_MS = 10 * 60_000;

labTest('the executable for arm64 runs, on an emulated processor', { timeout: TIMEOUT_MS }, async ({ lab, skip }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  const libraries = baseSystem(skip, 'arm64');
  const directory = mkdtempSync(join(tmpdir(), 'seaworthy-arm64-'));
  try {
    const [name = ''] = await writeExecutable('arm64', directory, 'seaworthy');
    const run = (words: string) => host.sh(`qemu-aarch64-static -L ${libraries} ${join(directory, name)} ${words}`);
    expect(await run('--version')).toBe(`seaworthy ${manifest.version}\n`);
    expect(await run('explain host/swap')).toContain('# host/swap\n');
    expect(await run('--licenses')).toContain('\nnode-linux-arm64 ');
    const report = reportSchema.parse(JSON.parse(await run('check --json --only network/interfaces')));
    expect(report).toMatchObject({ verdict: 'ready', nodes: [{ name: 'w1' }] });
  } finally {
    rmSync(directory, { recursive: true });
  }
});
