/**
 * Runs between nodes, in network namespaces made for it, beside nmap on the same ports: whole commands, from their start to their end.
 */
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressOf, ended, MAIN, makeHosts, removeHosts, rounds, run, startIn, timeIn, whyNotHere } from './hosts.ts';

const RANGE = { first: 30_000, last: 32_767 };

export interface BetweenNodes {
  /** Medians, in milliseconds. */
  readonly nmap: number;
  readonly sweep: number;
  readonly dropped: number;
  readonly mesh: number;
}

/** Why it cannot be measured here; null when it can. */
export function whyNotBetweenNodes(): string | null {
  return whyNotHere('ip', 'nft', 'nmap');
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
    makeHosts(network, names);
    const [here = '', there = ''] = names;
    const roles = ['control-plane', 'control-plane', 'control-plane', 'worker', 'worker', 'worker'] as const;
    for (const [index, name] of names.entries()) {
      const role = roles[index] ?? 'worker';
      started.push(await startIn(name, process.execPath, MAIN, 'listen', '--role', role, '--token-file', token));
    }

    const only = ['--only', 'ports/node-ports-reachable', '--node-ip', addressOf(0), '--token-file', token];
    const pair = [...only, '--peer', addressOf(1)];
    const sweep = () => timeIn(here, process.execPath, MAIN, 'check', '--json', ...pair);
    const peers = names.flatMap((_, index) => ['--peer', addressOf(index)]);
    const all = ['--skip', 'ports/node-ports-reachable', '--cni', 'flannel', '--token-file', token, ...peers];
    const mesh = () => timeIn(network, process.execPath, MAIN, 'mesh', '--json', ...all);

    // nmap's targets are bound for its time alone: ours are the same ports.
    const targets = await startIn(there, process.execPath, '-e', BOUND);
    const nmap = rounds(() => timeIn(here, 'nmap', '-sT', '-T5', '-n', '-Pn', '-p', PORTS, addressOf(1)));
    await ended(targets);
    const open = rounds(sweep);
    run('ip', 'netns', 'exec', there, 'nft', DROP);
    const dropped = rounds(sweep, 3);
    run('ip', 'netns', 'exec', there, 'nft', 'flush ruleset');
    return { nmap, sweep: open, dropped, mesh: rounds(mesh) };
  } finally {
    await removeHosts([...names, network], started);
    rmSync(directory, { recursive: true, force: true });
  }
}

const PORTS = `${RANGE.first}-${RANGE.last}`;

const DROP = `add table inet bench; add chain inet bench input { type filter hook input priority 0; }; add rule inet bench input meta l4proto { tcp, udp } th dport ${PORTS} drop`;

/** Something that accepts on every port of the range, and says so. */
const BOUND = `let n = 0; for (let p = ${RANGE.first}; p <= ${RANGE.last}; p++) require('node:net').createServer((s) => s.destroy()).listen(p, '0.0.0.0', () => { if (++n === ${RANGE.last - RANGE.first + 1}) process.stderr.write('ready'); });`;
