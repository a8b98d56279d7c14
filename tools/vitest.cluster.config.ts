import { defineConfig } from 'vitest/config';
import { shared } from './vitest.config.ts';

/** Tests on a real Kubernetes, which take longer than anybody waits for `npm test`: `npm run test:cluster`. */
export default defineConfig({
  ...shared,
  test: {
    name: 'cluster',
    root: '.',
    reporters: ['default', './tools/closing-line.ts'],
    include: ['test/real-cluster/**/*.test.ts'],
    globalSetup: './test/real-cluster/setup.ts',
    pool: 'threads',
    // A cluster fills two cores.
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 300_000,
  },
});
