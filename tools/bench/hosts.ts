/** Hosts made of network namespaces for a bench: on one bridge, with an address each. Everything goes with `removeHosts`. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { median } from './median.ts';

export const MAIN = join(import.meta.dirname, '../../dist/main.js');
const ROUNDS = 5;

/** Why programs of this kind cannot be run here; null when they can. */
export function whyNotHere(...programs: string[]): string | null {
  if (process.geteuid?.() !== 0) return 'it needs root, to make network namespaces';
  const missing = programs.filter((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0);
  return missing.length === 0 ? null : `it needs ${missing.join(', ')}`;
}

export function addressOf(index: number): string {
  return `10.77.0.${index + 1}`;
}

/** A bridge in `network`, and a host on it for each name. */
export function makeHosts(network: string, names: readonly string[]): void {
  for (const name of [network, ...names]) {
    run('ip', 'netns', 'add', name);
    run('ip', '-n', name, 'link', 'set', 'dev', 'lo', 'up');
  }
  run('ip', '-n', network, 'link', 'add', 'br0', 'type', 'bridge');
  run('ip', '-n', network, 'address', 'add', '10.77.0.254/24', 'dev', 'br0');
  run('ip', '-n', network, 'link', 'set', 'dev', 'br0', 'up');
  for (const [index, name] of names.entries()) {
    run('ip', '-n', name, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', `p${index}`, 'netns', network);
    run('ip', '-n', network, 'link', 'set', 'dev', `p${index}`, 'master', 'br0', 'up');
    run('ip', '-n', name, 'address', 'add', `${addressOf(index)}/24`, 'dev', 'eth0');
    run('ip', '-n', name, 'link', 'set', 'dev', 'eth0', 'up');
  }
}

export async function removeHosts(names: readonly string[], started: readonly ChildProcess[]): Promise<void> {
  for (const child of started) await ended(child);
  for (const name of names) spawnSync('ip', ['netns', 'delete', name]);
}

export function run(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Milliseconds of a command in a host. */
export function timeIn(host: string, ...command: string[]): number {
  const began = performance.now();
  spawnSync('ip', ['netns', 'exec', host, ...command], { stdio: 'ignore' });
  return performance.now() - began;
}

/** The median; a first round warms caches and neighbour tables. */
export function rounds(once: () => number, count = ROUNDS): number {
  once();
  return median(Array.from({ length: count }, once));
}

/** A process in a host, once it says something on standard error. */
export function startIn(host: string, ...command: string[]): Promise<ChildProcess> {
  const child = spawn('ip', ['netns', 'exec', host, ...command], { stdio: ['ignore', 'ignore', 'pipe'] });
  return new Promise((resolve, reject) => {
    child.stderr.once('data', () => resolve(child));
    child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
  });
}

export function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
