/**
 * Runs between nodes, in network namespaces made for it, beside nmap on the same ports: whole commands, from their start to their end.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from './median.ts';

const ROUNDS = 5;
const MAIN = join(import.meta.dirname, '../../dist/main.js');
const RANGE = { first: 30_000, last: 32_767 };

export interface BetweenNodes {
  /** Medians, in milliseconds. */
  readonly nmap: number;
  readonly sweep: number;
  readonly dropped: number;
  readonly mesh: number;
}

/** Why it cannot be measured here; null when it can. */
export function whyNot(): string | null {
  if (process.geteuid?.() !== 0) return 'it needs root, to make network namespaces';
  const missing = ['ip', 'nft', 'nmap'].filter(
    (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0,
  );
  return missing.length === 0 ? null : `it needs ${missing.join(', ')}`;
}

export async function betweenNodes(): Promise<BetweenNodes> {
  const id = randomBytes(3).toString('hex');
  const directory = mkdtempSync(join(tmpdir(), `seaworthy-bench-${id}-`));
  const names = Array.from({ length: 6 }, (_, index) => `swb${id}-${index + 1}`);
  const network = `swb${id}-switch`;
  const started: ChildProcess[] = [];
  try {
    const token = join(directory, 'token');
    writeFileSync(token, run(process.execPath, MAIN, 'token'), { mode: 0o600 });
    makeNetwork(network, names);
    const [here = '', there = ''] = names;
    const roles = ['control-plane', 'control-plane', 'control-plane', 'worker', 'worker', 'worker'] as const;
    for (const [index, name] of names.entries()) started.push(await listening(name, roles[index] ?? 'worker', token));

    const only = [
      '--only',
      'ports/node-ports-reachable',
      '--node-ip',
      addressOf(0),
      '--token-file',
      token,
      '--peer',
      addressOf(1),
    ];
    const sweep = () => time('ip', 'netns', 'exec', here, process.execPath, MAIN, 'check', '--json', ...only);
    const peers = names.flatMap((_, index) => ['--peer', addressOf(index)]);
    const all = ['--skip', 'ports/node-ports-reachable', '--cni', 'flannel', '--token-file', token, ...peers];
    const mesh = () => time('ip', 'netns', 'exec', network, process.execPath, MAIN, 'mesh', '--json', ...all);

    // nmap's targets are bound for its time alone: ours are the same ports.
    const targets = await bound(there);
    const nmap = rounds(() =>
      time(
        'ip',
        'netns',
        'exec',
        here,
        'nmap',
        '-sT',
        '-T5',
        '-n',
        '-Pn',
        '-p',
        `${RANGE.first}-${RANGE.last}`,
        addressOf(1),
      ),
    );
    await ended(targets);
    const open = rounds(sweep);
    run('ip', 'netns', 'exec', there, 'nft', DROP);
    const dropped = rounds(sweep, 3);
    run('ip', 'netns', 'exec', there, 'nft', 'flush ruleset');
    return { nmap, sweep: open, dropped, mesh: rounds(mesh) };
  } finally {
    for (const child of started) await ended(child);
    for (const name of [...names, network]) spawnSync('ip', ['netns', 'delete', name]);
    rmSync(directory, { recursive: true, force: true });
  }
}

const DROP = `add table inet bench; add chain inet bench input { type filter hook input priority 0; }; add rule inet bench input meta l4proto { tcp, udp } th dport ${RANGE.first}-${RANGE.last} drop`;

function addressOf(index: number): string {
  return `10.77.0.${index + 1}`;
}

function makeNetwork(network: string, names: readonly string[]): void {
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

function run(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

function time(program: string, ...args: string[]): number {
  const began = performance.now();
  spawnSync(program, args, { stdio: 'ignore' });
  return performance.now() - began;
}

/** The first one warms caches and neighbour tables. */
function rounds(once: () => number, count = ROUNDS): number {
  once();
  return median(Array.from({ length: count }, once));
}

function listening(name: string, role: string, token: string): Promise<ChildProcess> {
  const args = ['netns', 'exec', name, process.execPath, MAIN, 'listen', '--role', role, '--token-file', token];
  return ready(spawn('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] }));
}

/** Something that accepts on every port of the range. */
function bound(name: string): Promise<ChildProcess> {
  const script = `let n = 0; for (let p = ${RANGE.first}; p <= ${RANGE.last}; p++) require('node:net').createServer((s) => s.destroy()).listen(p, '0.0.0.0', () => { if (++n === ${RANGE.last - RANGE.first + 1}) process.stderr.write('ready'); });`;
  return ready(
    spawn('ip', ['netns', 'exec', name, process.execPath, '-e', script], { stdio: ['ignore', 'ignore', 'pipe'] }),
  );
}

function ready(child: ChildProcess): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    child.stderr?.once('data', () => resolve(child));
    child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
  });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
