/**
 * Times whole commands, interleaved, and prints medians beside what people use today; `npm run bench`. It judges the budgets of the
 * project at the end, and never runs as part of the tests.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { betweenNodes, whyNotBetweenNodes } from './between-nodes.ts';
import { MAIN } from './hosts.ts';
import { firstFrame, updateCost } from './interface.ts';
import { median } from './median.ts';
import { pods, whyNotPods } from './pods.ts';

const ROUNDS = 15;

interface Contestant {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly times: number[];
}

const contestant = (name: string, ...command: [string, ...string[]]): Contestant => ({ name, command, times: [] });
const bare = contestant('node -e 0', process.execPath, '-e', '0');
const version = contestant('seaworthy --version', process.execPath, MAIN, '--version');
const check = contestant('seaworthy check --json', process.execPath, MAIN, 'check', '--json');
const EXECUTABLE = join(import.meta.dirname, '../../dist/seaworthy');
const executableVersion = contestant('executable --version', EXECUTABLE, '--version');
const executableCheck = contestant('executable check --json', EXECUTABLE, 'check', '--json');
const contestants = [bare, version, check, executableVersion, executableCheck];

const kubeadm = spawnSync('sh', ['-c', 'command -v kubeadm'], { encoding: 'utf8' }).stdout.trim();
const preflight =
  kubeadm === ''
    ? null
    : contestant(
        'kubeadm init phase preflight',
        kubeadm,
        'init',
        'phase',
        'preflight',
        '--ignore-preflight-errors=all',
      );
if (preflight !== null) contestants.push(preflight);

for (let round = 0; round <= ROUNDS; round++) {
  for (const { command, times } of contestants) {
    const [program, ...args] = command;
    const started = performance.now();
    spawnSync(program, args, { stdio: 'ignore' });
    // The first round warms the page cache.
    if (round > 0) times.push(performance.now() - started);
  }
}

const base = median(bare.times);
console.log(`median of ${ROUNDS} interleaved runs, Node ${process.versions.node}\n`);
for (const { name, times } of contestants) {
  const middle = median(times);
  const range = `${Math.min(...times).toFixed(0)}-${Math.max(...times).toFixed(0)}`;
  console.log(
    `${name.padEnd(32)} ${middle.toFixed(1).padStart(7)} ms   (${range})   +${(middle - base).toFixed(1)} ms over bare node`,
  );
}

const peak = peakMemory();
const children = startedProcesses();
console.log(`\npeak memory of check --json      ${peak.toFixed(1)} MB`);
console.log(
  `child processes of check --json  ${children === null ? 'not counted: strace is not installed' : children.join(', ') || 'none'}`,
);

verdict('--version', median(version.times) - base, 15, 'ms over bare node');
verdict('check --json', median(check.times) - base, 90, 'ms over bare node');
verdict('check --json', peak, 90, 'MB');
verdict('executable --version', median(executableVersion.times) / base, 1.5, 'times bare node');
verdict('executable check --json', median(executableCheck.times) / base, 5, 'times bare node');
if (preflight !== null)
  verdict('check --json against kubeadm', median(check.times) / median(preflight.times), 1, 'times kubeadm');

const { bare: bareInTerminal, frame } = await firstFrame();
const cost = await updateCost();
console.log(`
node -e 0 on a terminal          ${bareInTerminal.toFixed(1).padStart(7)} ms
first frame of the interface     ${frame.toFixed(1).padStart(7)} ms
one update with 2,000 findings   ${cost.toFixed(1).padStart(7)} ms of processor time, at 120x40`);
verdict('first frame', frame - bareInTerminal, 250, 'ms over bare node');
verdict('one update', cost, 16, 'ms of processor time');

const missing = whyNotBetweenNodes();
if (missing !== null) console.log(`\nbetween nodes: not measured, ${missing}`);
else {
  const { nmap, sweep, dropped, mesh } = await betweenNodes();
  console.log(`
2,768 NodePorts
nmap -sT -T5, TCP, one way, open             ${nmap.toFixed(0).padStart(6)} ms
check, TCP and UDP, both ways and both sides ${sweep.toFixed(0).padStart(6)} ms
the same with the range dropped              ${dropped.toFixed(0).padStart(6)} ms
mesh of 3 control planes and 3 workers       ${mesh.toFixed(0).padStart(6)} ms`);
  verdict('NodePorts against nmap', sweep / nmap, 10, 'times nmap');
  verdict('NodePorts dropped', dropped - sweep, 3_000, 'ms over open');
  verdict('mesh of six without the sweep', mesh, 2_000, 'ms');
}

const lacking = whyNotPods();
if (lacking !== null) console.log(`\npods: not measured, ${lacking}`);
else {
  const { byHand, dryRun, reading, ratio, mesh } = await pods();
  console.log(`
pods of the bridge plugin with host-local
one ADD and one DEL by hand                  ${byHand.toFixed(0).padStart(6)} ms
check --only cni/dry-run, the whole command  ${dryRun.toFixed(0).padStart(6)} ms
check --only cni/config: no plugin is run    ${reading.toFixed(0).padStart(6)} ms
mesh of six nodes, all pairs of pods         ${mesh.toFixed(0).padStart(6)} ms`);
  console.log(`the whole command takes ${(dryRun / byHand).toFixed(1)} times what it takes by hand`);
  // The budget is of a dry run. Starting the program is no part of it and has a budget of its own above; both figures are printed.
  verdict('dry run against ADD and DEL', ratio, 5, 'times by hand, beyond the command without it');
  verdict('pods of six nodes', mesh, 5_000, 'ms');
}

function verdict(what: string, figure: number, budget: number, unit: string): void {
  const held = figure <= budget;
  console.log(`${held ? 'holds ' : 'BROKEN'}  ${what}: ${figure.toFixed(1)} of ${budget} ${unit}`);
  if (!held) process.exitCode = 1;
}

/** Megabytes (10^6 bytes) of resident memory at the most, as the kernel counted it for that process. */
function peakMemory(): number {
  const tell = 'process.on("exit",()=>process.stderr.write(String(process.resourceUsage().maxRSS)))';
  const { stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(tell)}`, MAIN, 'check', '--json'],
    { encoding: 'utf8' },
  );
  return (Number(/\d+$/.exec(stderr)?.[0] ?? Number.NaN) * 1024) / 1e6;
}

/** Names of the programs that a check started, or null where that cannot be counted. */
function startedProcesses(): string[] | null {
  const directory = mkdtempSync(join(tmpdir(), 'seaworthy-bench-'));
  try {
    const log = join(directory, 'strace');
    const { error } = spawnSync(
      'strace',
      ['-f', '-qq', '-e', 'trace=execve', '-o', log, process.execPath, MAIN, 'check', '--json'],
      { stdio: 'ignore' },
    );
    if (error !== undefined) return null;
    const programs = [...readFileSync(log, 'utf8').matchAll(/execve\("([^"]+)".*= 0$/gm)].map(
      ([, program]) => program ?? '',
    );
    return programs.slice(1);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
