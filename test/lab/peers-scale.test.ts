import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, onTestFinished } from 'vitest';
import { reportSchema, type Report } from '../../src/report/schema.ts';
import { parsePortRange } from '../../src/values/port-range.ts';
import { complaints, labTest, TOKEN_FILE, type Lab } from './lab.ts';

/** Bytes that no peer may need. */
const MEMORY = 200 * 1024 * 1024;

interface Mesh {
  readonly report: Report;
  /** The most that any of the peers needed. Bytes. */
  readonly memory: number;
}

/** Three control planes and workers with flannel, tested by a machine that is none of them. */
async function mesh(lab: Lab, size: number, ...args: string[]): Promise<Mesh> {
  const nodes = Array.from({ length: size }, (_, index) => ({
    name: `n${index + 1}`,
    address: `10.77.0.${index + 1}`,
    role: index < 3 ? 'control-plane' : 'worker',
  }));
  const pids: (number | undefined)[] = [];
  for (const { name, address, role } of nodes) {
    const host = await lab.host(name, `${address}/24`);
    pids.push((await host.peer('--role', role)).pid);
  }
  const conductor = await lab.host('mesh', '10.77.0.200/24');
  const peers = nodes.flatMap(({ address, role }) => ['--peer', `${role}@${address}`]);
  const common = ['--json', '--cni', 'flannel', '--budget', '150s', '--token-file', TOKEN_FILE] as const;
  const { stdout, stderr } = await conductor.cli('mesh', ...common, ...peers, ...args);
  if (stdout === '') throw new Error(stderr);
  return { report: reportSchema.parse(JSON.parse(stdout)), memory: Math.max(...pids.map(memoryOf)) };
}

function memoryOf(pid: number | undefined): number {
  const [, kilobytes = '0'] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

/** Each port of each direction. */
function probesIn({ checks }: Report): number {
  return checks
    .flatMap(({ findings }) => findings.flatMap(({ probe }) => parsePortRange(probe?.to.port ?? '') ?? []))
    .reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

function findingsOf({ checks }: Report) {
  return checks.flatMap(({ findings }) => findings);
}

/** One neighbour table of the kernel serves all network namespaces, and only the first of them shows how large it may grow. */
function enlargeNeighbourTable(): void {
  const names = [1, 2, 3].map((level) => `net.ipv4.neigh.default.gc_thresh${level}`);
  const before = execFileSync('sysctl', names, { encoding: 'utf8' });
  const set = (lines: string) =>
    execFileSync('sysctl', ['-q', '-w', ...lines.trim().replaceAll(' = ', '=').split('\n')]);
  set(names.map((name, index) => `${name}=${4_096 << index}`).join('\n'));
  onTestFinished(() => void set(before));
}

labTest(
  '30 nodes that are in order: every pair, 10,000 probes, and no complaint',
  { timeout: 180_000 },
  async ({ lab }) => {
    enlargeNeighbourTable();
    const { report, memory } = await mesh(lab, 30, '--only', 'ports', '--node-port-range', '30000-30099');
    expect(complaints(findingsOf(report))).toEqual([]);
    expect(probesIn(report)).toBeGreaterThan(10_000);
    expect(report).toMatchObject({ verdict: 'ready', coverage: { nodes: 30, pairs: 870, pairsTested: 870 } });
    expect(memory).toBeLessThan(MEMORY);
    console.log(`30 nodes: ${probesIn(report)} probes in ${report.run.durationMs} ms, ${memory >> 20} MiB`);
  },
);

labTest('6 nodes, and the whole NodePort range of each from two neighbours', { timeout: 180_000 }, async ({ lab }) => {
  const { report, memory } = await mesh(lab, 6, '--only', 'ports');
  expect(complaints(findingsOf(report))).toEqual([]);
  const sweeps = findingsOf(report).filter(
    ({ check, status }) => check === 'ports/node-ports-reachable' && status === 'pass',
  );
  expect(sweeps).toHaveLength(6 * 2 * 2);
  expect(sweeps.every(({ probe }) => probe?.to.port === '30000-32767')).toBe(true);
  expect(memory).toBeLessThan(MEMORY);
  console.log(`6 nodes: ${probesIn(report)} probes in ${report.run.durationMs} ms, ${memory >> 20} MiB`);
});
