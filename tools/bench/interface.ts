import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawn, type IPty } from '@lydell/node-pty';
import { median } from './median.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
const ROUNDS = 9;
const FINDINGS = 2_000;
const UPDATES = 100;
/** Longer than the UI waits between two frames, so that each key is an update of its own. */
const PACE_MS = 80;
/** Of /proc/PID/stat: USER_HZ is 100 on every architecture that Node runs on. */
const TICK_MS = 10;

const ENVIRONMENT = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', LANG: 'C.UTF-8', TERM: 'xterm-256color' };

function open(args: readonly string[]): IPty {
  return spawn(process.execPath, [...args], { cols: 120, rows: 40, cwd: '/', env: ENVIRONMENT });
}

function until(pty: IPty, text: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let seen = '';
  pty.onData((data) => {
    seen += data;
    if (seen.includes(text)) resolve();
  });
  return promise;
}

function ended(pty: IPty): Promise<void> {
  return new Promise((over) => pty.onExit(() => over()));
}

/** Medians in milliseconds, interleaved: until a bare Node has run, and until the first frame of the UI is on the terminal. */
export async function firstFrame(): Promise<{ readonly bare: number; readonly frame: number }> {
  const bare: number[] = [];
  const frame: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const begun = performance.now();
    await ended(open(['-e', '0']));
    const between = performance.now();
    const pty = open([MAIN]);
    await until(pty, 'seaworthy');
    const shown = performance.now();
    const over = ended(pty);
    pty.write('q');
    await over;
    // The first round warms the page cache.
    if (round > 0) {
      bare.push(between - begun);
      frame.push(shown - between);
    }
  }
  return { bare: median(bare), frame: median(frame) };
}

/** Milliseconds of processor time that one update takes at 120x40, with a list of two thousand findings open. */
export async function updateCost(): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'seaworthy-bench-'));
  const plugin = join(directory, 'many.mjs');
  writeFileSync(
    plugin,
    `const judge = () => Array.from({ length: ${FINDINGS} }, (_, n) => ({ subject: 'subject ' + n, reason: n % 3 ? 'good' : 'bad',
       message: 'It is as it is, number ' + n + '.', ...(n % 3 ? {} : { remedy: { text: 'Mend it.' } }) }));
     export default { apiVersion: 1, name: 'many', facts: {}, checks: [{ id: 'many/findings', title: 'many', docs: 'https://example.org/',
       kubeadm: [], stages: ['fresh', 'joined'], reasons: { good: 'pass', bad: 'fail' }, needs: [], wants: [], judge }] };\n`,
    { mode: 0o644 },
  );
  try {
    const pty = open([MAIN, '--plugin', plugin, '--only', 'many/findings']);
    await until(pty, 'NOT READY');
    pty.write('\r');
    await sleep(1_000);
    const before = processorTime(pty.pid);
    for (let update = 0; update < UPDATES; update++) {
      pty.write('j');
      await sleep(PACE_MS);
    }
    const cost = (processorTime(pty.pid) - before) / UPDATES;
    const over = ended(pty);
    pty.write('q');
    await over;
    return cost;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Milliseconds, of all threads. */
function processorTime(pid: number): number {
  // The name in brackets may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
