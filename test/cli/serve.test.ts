import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { reportSchema } from '../../src/report/schema.ts';
import {
  machine,
  plugin,
  removeDirectories,
  runCli,
  temporaryDirectory,
  WAITS_FOR_EVER,
  type CliResult,
} from './seaworthy.ts';

afterAll(removeDirectories);

/** A port of loopback that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

interface Served {
  readonly url: string;
  readonly child: ChildProcess;
  /** Of a path: status and text. */
  readonly get: (path: string) => Promise<{ status: number; text: string }>;
  readonly metric: (name: string) => Promise<number>;
}

/** `seaworthy serve` on a directory, until `during` is over; then it is stopped as by systemd. */
async function serving(
  args: readonly string[],
  during: (served: Served) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const get: Served['get'] = async (path) => {
    const response = await fetch(url + path);
    return { status: response.status, text: await response.text() };
  };
  const metric: Served['metric'] = async (name) =>
    Number(new RegExp(`^seaworthy_${name} (.*)$`, 'm').exec((await get('/metrics')).text)?.[1]);
  const running: Promise<void>[] = [];
  const result = await runCli(['serve', '--root', machine(), '--listen', `127.0.0.1:${port}`, ...args], {
    env,
    onStart: (child) => {
      child.stderr?.on('data', (text: Buffer) => {
        if (running.length > 0 || !text.toString().includes('serving')) return;
        const whole = during({ url, child, get, metric }).finally(() => child.kill('SIGTERM'));
        whole.catch(() => undefined);
        running.push(whole);
      });
    },
  });
  await Promise.all(running);
  return result;
}

const ONLY = ['--only', 'identity'] as const;

describe.concurrent('the last report is served', () => {
  test('to programs and to people, until SIGTERM, which is a good end', async () => {
    const { code, stdout, stderr } = await serving([...ONLY, '--role', 'worker'], async ({ get, metric }) => {
      await vi.waitFor(async () => expect(await metric('runs_total')).toBe(1), { timeout: 10_000 });
      const report = reportSchema.parse(JSON.parse((await get('/report.json')).text));
      expect(report).toMatchObject({ run: { command: 'serve' }, nodes: [{ name: 'w1', roles: ['worker'] }] });
      expect((await get('/')).text).toContain('<h1>w1</h1>');
      expect((await get('/healthz')).text).toContain(`${report.verdict}: `);
      expect(await metric('run_age_seconds')).toBeGreaterThan(0);
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/^seaworthy: serving http:\/\/127\.0\.0\.1:\d+\/, a run every 1m, until Ctrl-C\.\n$/);
  });

  test('with --redact nowhere whom it is about', async () => {
    await serving([...ONLY, '--redact'], async ({ get, metric }) => {
      await vi.waitFor(async () => expect(await metric('runs_total')).toBe(1), { timeout: 10_000 });
      const [report, metrics, page] = await Promise.all(['/report.json', '/metrics', '/'].map(get));
      const [node] = reportSchema.parse(JSON.parse(report?.text ?? '')).nodes;
      expect(node?.name).toMatch(/\w/);
      for (const shown of [report, metrics, page]) expect(shown?.text).not.toMatch(/\bw1\b/);
    });
  });

  test('with --redact a run hides what it tells by its own words, not those of the run before', async () => {
    const root = machine(undefined, 'zanzibar');
    const waivers = ['zanzibar', 'mombasa'].map((name) => `{ check: acme/one, subject: ${name}, why: known }`);
    const config = join(temporaryDirectory(), 'seaworthy.yaml');
    writeFileSync(config, `waivers: [${waivers.join(', ')}]\n`);
    const said = [
      '--root',
      root,
      '--plugin',
      plugin(temporaryDirectory()),
      '--only',
      'acme/one',
      '--config',
      config,
      '-v',
    ];
    const { stderr } = await serving([...said, '--interval', '4s', '--redact'], async ({ metric }) => {
      const ended = (runs: number) =>
        vi.waitFor(async () => expect(await metric('runs_total')).toBe(runs), { timeout: 15_000 });
      await ended(1);
      for (const file of ['etc/hostname', 'proc/sys/kernel/hostname']) writeFileSync(join(root, file), 'mombasa\n');
      await ended(2);
    });
    const [first, ...told] = stderr.split('\n');
    expect(first).toMatch(/^seaworthy: serving http:\/\/127\.0\.0\.1:\d+\/, a run every 4s, until Ctrl-C\.$/);
    const waived = told.flatMap((line) => /waiver of acme\/one (\S+) /.exec(line)?.[1] ?? []);
    expect(waived).toEqual(['node-1', 'mombasa', 'zanzibar', 'node-1']);
  });

  test('-o writes each report to a file too, whole and without names', async () => {
    const directory = temporaryDirectory();
    const [metrics, report] = [join(directory, 'seaworthy.prom'), join(directory, 'report.json')];
    const files = ['-o', `prometheus=${metrics}`, '-o', `json=${report}`];
    const read = () => reportSchema.parse(JSON.parse(readFileSync(report, 'utf8')));
    const { code, stdout } = await serving([...ONLY, ...files, '--interval', '1s', '--redact'], async ({ metric }) => {
      await vi.waitFor(async () => expect(await metric('runs_total')).toBeGreaterThan(0), { timeout: 10_000 });
      await vi.waitFor(() => expect(read().run.command).toBe('serve'), { timeout: 5_000 });
      const { id } = read().run;
      await vi.waitFor(() => expect(read().run.id).not.toBe(id), { timeout: 10_000 });
    });
    expect([code, stdout]).toEqual([0, '']);
    expect(read().nodes[0]?.name).toBe('node-1');
    expect(readFileSync(metrics, 'utf8')).toMatch(/^seaworthy_run_timestamp_seconds \d/m);
    expect(readdirSync(directory).sort()).toEqual(['report.json', 'seaworthy.prom']);
  });

  test('a file that cannot be written is said, the report is served all the same, and the next one is tried', async () => {
    const directory = join(temporaryDirectory(), 'gone');
    mkdirSync(directory);
    const file = join(directory, 'report.json');
    const { code, stderr } = await serving([...ONLY, '-o', `json=${file}`, '--interval', '1s'], async ({ get }) => {
      await vi.waitFor(() => expect(existsSync(file)).toBe(true), { timeout: 10_000 });
      rmSync(directory, { recursive: true });
      await vi.waitFor(async () => expect((await get('/healthz')).text).toContain(`${file}: no such file`), {
        timeout: 10_000,
      });
      expect((await get('/report.json')).status).toBe(200);
      mkdirSync(directory);
      await vi.waitFor(async () => expect((await get('/healthz')).text).toMatch(/^ready: /), { timeout: 10_000 });
      expect(existsSync(file)).toBe(true);
    });
    expect(code).toBe(0);
    expect(stderr.match(/no such file/g)).toHaveLength(1);
  });

  test('--fail-on decides what is healthy', async () => {
    const acme = ['--plugin', plugin(temporaryDirectory()), '--only', 'acme/one'];
    const health = async (...args: readonly string[]) => {
      let status = 0;
      const during = async ({ get, metric }: Served) => {
        await vi.waitFor(async () => expect(await metric('runs_total')).toBe(1), { timeout: 10_000 });
        status = (await get('/healthz')).status;
      };
      await serving([...acme, ...args], during, { ACME: 'unknown' });
      return status;
    };
    expect(await health()).toBe(503);
    expect(await health('--fail-on', 'fail')).toBe(200);
  });

  test('while the first run lasts it says that there is none; a run that is too slow leaves beats out', async () => {
    const slow = ['--plugin', plugin(temporaryDirectory(), WAITS_FOR_EVER), '--only', 'acme', '--timeout', '1s'];
    await serving([...slow, '--interval', '100ms'], async ({ get, metric }) => {
      for (const path of ['/healthz', '/report.json', '/'])
        expect(await get(path)).toMatchObject({
          status: 503,
          text: expect.stringContaining('no run has ended yet') as string,
        });
      await vi.waitFor(async () => expect(await metric('runs_total')).toBe(2), { timeout: 15_000, interval: 200 });
      expect(await metric('beats_skipped_total')).toBeGreaterThanOrEqual(9);
    });
  });

  test('stopped in the middle of a run it ends at once', async () => {
    const slow = [
      '--plugin',
      plugin(temporaryDirectory(), WAITS_FOR_EVER),
      '--only',
      'acme',
      '--timeout',
      '50s',
      '--budget',
      '50s',
    ];
    const { code, ms } = await serving(slow, () => sleep(300));
    expect(code).toBe(0);
    expect(ms).toBeLessThan(10_000);
  });

  test('the budget ends a run, and not the next one', async () => {
    const slow = ['--plugin', plugin(temporaryDirectory(), WAITS_FOR_EVER), '--only', 'acme', '--timeout', '50s'];
    await serving([...slow, '--budget', '100ms', '--interval', '100ms'], async ({ get, metric }) => {
      await vi.waitFor(async () => expect(await metric('runs_total')).toBeGreaterThan(2), { timeout: 10_000 });
      expect(await get('/healthz')).toMatchObject({
        status: 503,
        text: expect.stringContaining('budget-spent') as string,
      });
    });
  });
});

describe.concurrent('what it refuses', () => {
  test('a report on standard output; a configuration that is for check too has none in mind', async () => {
    const { code, stdout, stderr } = await runCli(['serve', '-o', 'json'], {});
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain(
      'serve prints no report. Name a file, which is written after every run: --output json=FILE',
    );
    const quiet = await serving(ONLY, async ({ get }) => expect((await get('/')).status).toBeGreaterThan(0), {
      SEAWORTHY_OUTPUT: 'json',
    });
    expect(quiet).toMatchObject({ code: 0, stdout: '' });
  });

  test('a file where none can be, before anything has run', async () => {
    const nowhere = join(temporaryDirectory(), 'none');
    const { code, stderr } = await runCli(['serve', '-o', `json=${nowhere}/report.json`], {});
    expect(code).toBe(3);
    expect(stderr).toBe(`seaworthy: --output json: ${nowhere}: no such directory\n`);
  });

  test('a kubeconfig that leads to no cluster, before the port is open', async () => {
    const place = `127.0.0.1:${await freePort()}`;
    const { code, stderr } = await runCli(['serve', '--listen', place, '--kubeconfig', '/no/such/file']);
    expect(code).toBe(3);
    expect(stderr).toBe('seaworthy: --kubeconfig /no/such/file: /no/such/file: no such file\n');
  });

  test.each(['0.0.0.0:10778', ':10778', '10.0.0.12:10778', '[fd00::1]:10778'])(
    '%s without --allow-remote',
    async (place) => {
      const { code, stdout, stderr } = await runCli(['serve', '--listen', place]);
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toContain('add --allow-remote');
      expect(stderr).toContain('--listen 127.0.0.1:10778');
    },
  );

  test('a port that is held', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { code, stdout, stderr } = await runCli(['serve', '--listen', `127.0.0.1:${port}`]);
    await new Promise((done) => server.close(done));
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toBe(
      `seaworthy: TCP port ${port} of 127.0.0.1 cannot be opened: another program holds it, perhaps another \`seaworthy serve\`; --listen 127.0.0.1:PORT takes another one.\n`,
    );
  });

  test.each([
    ['an interval that is none', ['--interval', '0'], '--interval'],
    ['an output: it serves', ['--json'], 'takes no --json'],
    ['saved facts', ['--facts', 'a.json'], 'takes no --facts'],
    ['a check that does not exist', ['--only', 'kernal'], 'Did you mean kernel?'],
    ['peers of a directory', ['--root', machine(), '--peer', 'w1'], 'packets go between running machines'],
    ['peers without a token', ['--peer', 'w1'], '--token-file'],
  ])('%s', async (_, args, words) => {
    const { code, stdout, stderr } = await runCli(['serve', ...args]);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain(words);
  });

  test('with --allow-remote another address is served', async () => {
    const port = await freePort();
    const { code, stderr } = await runCli(
      ['serve', '--root', machine(), ...ONLY, '--listen', `:${port}`, '--allow-remote'],
      {
        onStart: (child) => child.stderr?.once('data', () => child.kill('SIGINT')),
      },
    );
    expect(code).toBe(0);
    expect(stderr).toContain(`serving http://HOST:${port}/ on all addresses`);
  });
});

test('1,000 runs later it holds what it held before', { timeout: 120_000 }, async () => {
  await serving(['--only', 'identity,kernel', '--interval', '10ms'], async ({ child, metric, get }) => {
    const status = () => readFileSync(`/proc/${child.pid}/status`, 'utf8');
    const resident = () => Number(/^VmRSS:\s+(\d+)/m.exec(status())?.[1]);
    const open = () => readdirSync(`/proc/${child.pid}/fd`).length;
    const after = (runs: number) =>
      vi.waitFor(async () => expect(await metric('runs_total')).toBeGreaterThan(runs), {
        timeout: 60_000,
        interval: 100,
      });
    await after(300);
    const [memory, files] = [resident(), open()];
    await after(1_300);
    for (const path of ['/', '/report.json']) await get(path);
    // Memory that is free is given back when the collector comes to it; of reports that were kept each is 30 kB and more.
    expect(resident() - memory).toBeLessThan(20_000);
    expect(Math.abs(open() - files)).toBeLessThanOrEqual(3);
  });
});
