import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why the lab cannot run here; null when it can. */
    labMissing: string | null;
    /** Why there is no browser here; null when there is. */
    browserMissing: string | null;
  }
}

/** What the lab needs, and Debian's package that has it. */
const PACKAGES: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  nft: 'nftables',
  iptables: 'iptables',
  ethtool: 'ethtool',
  nsenter: 'util-linux',
  etcd: 'etcd-server',
  containerd: 'containerd',
  runc: 'runc',
  chronyd: 'chrony',
  faketime: 'faketime',
  strace: 'strace',
  openssl: 'openssl',
  ssh: 'openssh-client',
  sshd: 'openssh-server',
  sudo: 'sudo',
  sysctl: 'procps',
  promtool: 'prometheus',
  mandoc: 'mandoc',
  kubectl: 'kubernetes-client',
  buildah: 'buildah',
  debootstrap: 'debootstrap',
  'qemu-aarch64-static': 'qemu-user-static',
  junitparser: 'junitparser',
  zsh: 'zsh',
  fish: 'fish',
  tmux: 'tmux',
  '/usr/lib/cni/bridge': 'containernetworking-plugins',
};

/** Chromium without a window: program and package have one name. */
const BROWSER = 'chromium-headless-shell';

/** Installs what the lab needs when it may, and says so; otherwise its tests are skipped with the reason. */
export default function setup(project: TestProject): void {
  const labMissing = prepare();
  project.provide('labMissing', labMissing);
  project.provide('browserMissing', labMissing ?? prepareBrowser());
}

/** Tells why it cannot run; null when it can. Programs of `more`, with their packages, are as good as those of the lab. */
export function prepare(more: Readonly<Record<string, string>> = {}): string | null {
  if (process.platform !== 'linux') return 'the lab needs Linux';
  if (process.geteuid?.() !== 0) return 'the lab needs root: it makes network namespaces';
  const packaged = { ...PACKAGES, ...more };
  const missing = Object.keys(packaged).filter((program) => !isThere(program));
  if (missing.length === 0) return null;
  if (!isThere('apt-get')) return `the lab needs ${missing.join(', ')}, and there is no apt to install them`;
  const packages = missing.map((program) => packaged[program] ?? program);
  console.log(`lab: installing ${packages.join(' ')} with apt-get`);
  try {
    apt('update');
    apt('install', '-y', '--no-install-recommends', ...packages);
    return null;
  } catch (error) {
    return `apt-get could not install ${packages.join(' ')}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Not every distribution has it under this name, and the lab goes without. */
function prepareBrowser(): string | null {
  if (isThere(BROWSER)) return null;
  console.log(`lab: installing ${BROWSER} with apt-get`);
  try {
    apt('update');
    apt('install', '-y', '--no-install-recommends', BROWSER);
    return null;
  } catch {
    return `apt-get could not install ${BROWSER}`;
  }
}

function isThere(program: string): boolean {
  return (
    existsSync(program) ||
    spawnSync('sh', ['-c', 'command -v "$0"', program], { env: { PATH: process.env['PATH'] + ':/usr/sbin:/sbin' } })
      .status === 0
  );
}

/** No service that a package brings is started: policy-rc.d is not touched, the variable below is enough for Debian's maintainer scripts. */
function apt(...args: string[]): void {
  execFileSync('apt-get', ['-qq', ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
  });
}
