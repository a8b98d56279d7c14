import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Of Kubernetes, below what is kept: Go without modules finds a package by its path. */
export function sourceDirectory(kept: string): string {
  return join(kept, 'go/src/k8s.io/kubernetes');
}

/** Runs Go, or what calls it, in the source. Whatever else the machine does comes first. */
export function runGo(kept: string, ...command: readonly string[]): void {
  execFileSync('nice', ['-n', '19', ...command], {
    cwd: sourceDirectory(kept),
    env: {
      ...process.env,
      GO111MODULE: 'off',
      GOPATH: join(kept, 'go'),
      GOCACHE: join(kept, 'go-build'),
      GOFLAGS: '',
      CGO_ENABLED: '0',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}
