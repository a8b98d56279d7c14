import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

if (Number(process.versions.node.split('.')[0]) < 24) {
  throw new Error(
    'The tests run on the pinned Node 24: npm test, or one of them by npx vitest run --config tools/vitest.config.ts PATH.',
  );
}

/** Pages of checks are text, as in the bundle. */
const pages = {
  name: 'pages',
  transform: (_code: string, id: string) =>
    id.endsWith('.md') ? `export default ${JSON.stringify(readFileSync(id, 'utf8'))};` : null,
};

/** Of all projects, those of npm run test:cluster too. */
export const shared = { define: { SEAWORTHY_VERSION: '"0.0.0-test"' }, plugins: [pages] };

/**
 * They go by the real clock on a machine that may be busy with something else: what failed is looked at once more, as a network is, and counts when
 * it fails again. Each has its own hosts and directories.
 */
const retry = 1;

/** Tests of the built program as processes, and of what they are made of. */
const processes = {
  root: '.',
  include: ['test/cli/**/*.test.ts'],
  pool: 'threads' as const,
  isolate: false,
  testTimeout: 30_000,
  retry,
};

/** Tests of it on hosts made of network namespaces. */
const lab = {
  root: '.',
  include: ['test/lab/**/*.test.ts'],
  pool: 'threads' as const,
  isolate: false,
  testTimeout: 60_000,
  hookTimeout: 60_000,
  retry,
};

/** The same tests once more, of the single executable: test/program.ts says what they start. */
const EXECUTABLE = { SEAWORTHY_EXE: 'dist/seaworthy' };

/** CI takes all of the lab for it; else a part of each kind, so that nobody waits for all of it twice. */
const labOfExecutable =
  process.env['CI'] === 'true'
    ? lab.include
    : [
        'test/lab/{executable,executable-over-ssh,host,interface,outputs,peers-run,pods-killed,reachability-open}.test.ts',
      ];

/** They start parts of the sources on hosts, and never the program. */
const OF_SOURCES = 'test/lab/{cni-chain,local-peer,path-mtu,pods-existing,pods-host-state,pods-lifecycle,udp}.test.ts';

export default defineConfig({
  test: {
    reporters: ['default', './tools/closing-line.ts'],
    // Most tests wait: for processes, for sockets, for time-outs. A worker less than there are cores would leave one idle.
    maxWorkers: 2,
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          root: '.',
          include: ['test/**/*.test.ts'],
          exclude: ['test/cli/**', 'test/lab/**', 'test/real-cluster/**'],
          pool: 'threads',
          isolate: false,
          // Some properties start a process for each case, on a machine that may be busy.
          testTimeout: 30_000,
        },
      },
      { ...shared, test: { ...processes, name: 'process', exclude: ['test/cli/executable/**'] } },
      {
        ...shared,
        test: { ...lab, name: 'lab', exclude: ['test/lab/executable*.test.ts'], globalSetup: './test/lab/setup.ts' },
      },
      {
        ...shared,
        test: {
          ...processes,
          name: 'process of the executable',
          // The bundle and its launcher are not in it, and the last two start nothing.
          exclude: ['test/cli/{bundle,launcher,output/progress,peers/mistaken-peers}.test.ts'],
          env: EXECUTABLE,
          globalSetup: './test/executable.ts',
        },
      },
      {
        ...shared,
        test: {
          ...lab,
          name: 'lab of the executable',
          include: labOfExecutable,
          exclude: [OF_SOURCES],
          env: EXECUTABLE,
          globalSetup: ['./test/executable.ts', './test/lab/setup.ts'],
        },
      },
    ],
  },
});
