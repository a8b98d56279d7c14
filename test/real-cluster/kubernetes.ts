/**
 * The components of a real Kubernetes: Debian's source package, which holds the whole tree with what it depends on, built by Debian's Go
 * without the network. It is built once, and kept outside the repository.
 */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { kubernetesSource, SOURCE } from './kubernetes-source.ts';
import { runGo } from './run-go.ts';

/** What it is. kubeadm and the kubelet hold it against that of the others. */
export const VERSION = 'v1.20.2';

/** The slow ones first: those that follow find what they share built. */
const COMPONENTS = [
  'kube-apiserver',
  'kubeadm',
  'kube-controller-manager',
  'kubelet',
  'kube-proxy',
  'kube-scheduler',
  'kubectl',
] as const;

/** Build tags that leave out what no node here asks for, and what would take half of the time: clients of clouds, and of Docker. */
const WITHOUT = 'providerless,dockerless';

const KEPT = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'seaworthy-test', `kubernetes-${SOURCE}`);

/** The directory of the programs, which are built first where they are not there: that takes minutes, and `say` tells of it. */
export function kubernetesPrograms(say: (line: string) => void): string {
  const programs = join(KEPT, 'bin');
  const missing = COMPONENTS.filter((component) => !existsSync(join(programs, component)));
  if (missing.length > 0) {
    mkdirSync(programs, { recursive: true });
    kubernetesSource(KEPT, say);
    for (const component of missing) build(component, programs, say);
    // A gigabyte and a half that nobody asks for again.
    for (const name of ['go', 'go-build']) rmSync(join(KEPT, name), { recursive: true });
  }
  return programs;
}

function build(component: string, programs: string, say: (line: string) => void): void {
  const started = Date.now();
  say(`building ${component} ${VERSION}`);
  const built = join(programs, `.${component}`);
  runGo(
    KEPT,
    'go',
    'build',
    '-p',
    '2',
    '-tags',
    WITHOUT,
    '-ldflags',
    `-s -w ${versionFlags()}`,
    '-o',
    built,
    `./cmd/${component}`,
  );
  renameSync(built, join(programs, component));
  say(`built ${component} in ${Math.round((Date.now() - started) / 1000)} s`);
}

/** As Kubernetes' own build sets it; otherwise a component says that it is v0.0.0, and the API server that it serves that. */
function versionFlags(): string {
  const [, gitMajor, gitMinor] = /^v(\d+)\.(\d+)/.exec(VERSION) ?? [];
  const told = { gitVersion: VERSION, gitMajor, gitMinor, gitTreeState: 'clean' };
  return ['component-base/version', 'client-go/pkg/version']
    .flatMap((path) =>
      Object.entries(told).map(([name, value]) => `-X k8s.io/kubernetes/vendor/k8s.io/${path}.${name}=${value}`),
    )
    .join(' ');
}
