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

const shared = { define: { SEAWORTHY_VERSION: '"0.0.0-test"' }, plugins: [pages] };

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
          exclude: ['test/cli/**', 'test/lab/**'],
          pool: 'threads',
          isolate: false,
          // Some properties start a process for each case, on a machine that may be busy.
          testTimeout: 30_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'process',
          root: '.',
          include: ['test/cli/**/*.test.ts'],
          pool: 'threads',
          isolate: false,
          testTimeout: 30_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'lab',
          root: '.',
          include: ['test/lab/**/*.test.ts'],
          globalSetup: './test/lab/setup.ts',
          pool: 'threads',
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
