import { describe, expect, test } from 'vitest';
import { reportSchema } from '../../src/report/schema.ts';
import { answering, type AnswerOptions } from '../../src/serve/answers.ts';
import type { Neighbourhood } from '../../src/serve/neighbourhood.ts';
import type { Runs } from '../../src/serve/runs.ts';
import { ILL, runsOf, WELL } from './given.ts';

function ask(runs: Runs, url: string, { method = 'GET', host = 'localhost:10778', ...over }: Asked = {}) {
  const answer = answering({
    runs: () => runs,
    neighbourhood: () => null,
    stale: 600_000,
    verbose: false,
    local: true,
    ...over,
  });
  const { status, headers, body } = answer({ method, url, host });
  return { status, headers, type: headers['content-type'], text: Buffer.concat(body).toString() };
}

type Asked = Partial<AnswerOptions> & { readonly method?: string; readonly host?: string | null };

describe('before the first run has ended', () => {
  const runs = runsOf();

  test('/healthz says so', () => {
    expect(ask(runs, '/healthz')).toMatchObject({
      status: 503,
      text: 'no run has ended yet; the first one began 3 s ago\n',
    });
  });

  test('/report.json says so, as JSON', () => {
    const { status, type, text } = ask(runs, '/report.json');
    expect({ status, type }).toEqual({ status: 503, type: 'application/json; charset=utf-8' });
    expect(JSON.parse(text)).toEqual({ error: 'no run has ended yet; the first one began 3 s ago' });
  });

  test('the page says so, and looks again', () => {
    const { status, text } = ask(runs, '/');
    expect(status).toBe(503);
    expect(text).toContain('no run has ended yet');
    expect(text).toContain('http-equiv="refresh"');
  });

  test('/metrics have an age already', () => {
    const { status, text } = ask(runs, '/metrics');
    expect(status).toBe(200);
    expect(text).toContain('\nseaworthy_run_age_seconds 3.000\n');
    expect(text).toContain('\nseaworthy_runs_total 0\n');
    expect(text).not.toContain('seaworthy_verdict');
  });
});

describe('afterwards', () => {
  test('/healthz of a machine that is well', () => {
    expect(ask(runsOf({ last: WELL, age: 12_345 }), '/healthz')).toMatchObject({
      status: 200,
      text: expect.stringMatching(/^ready: 0 fail, 0 warn, 1 pass.*; the last run ended 12 s ago\n$/) as string,
    });
  });

  test('/healthz names what is wrong', () => {
    const { status, text } = ask(runsOf({ last: ILL }), '/healthz');
    expect(status).toBe(503);
    expect(text).toMatch(/^not-ready: 1 fail/);
    expect(text).toContain('\nfail: kernel/ip-forward net.ipv4.ip_forward disabled\n');
  });

  test('/healthz of what --fail-on leaves is 200, and names it all the same', () => {
    const { status, text } = ask(runsOf({ last: { ...ILL, fine: true } }), '/healthz');
    expect(status).toBe(200);
    expect(text).toContain('fail: kernel/ip-forward');
  });

  test('a run that broke, and one that is too long ago, are said; the last report is there all the same', () => {
    for (const [runs, words] of [
      [runsOf({ last: WELL, broken: 'the disk\nis gone' }), 'the last run broke: the disk\uFFFDis gone'],
      [runsOf({ last: WELL, age: 700_000 }), 'the last run ended 11 min ago: that is too long ago'],
    ] as const) {
      expect(ask(runs, '/healthz')).toMatchObject({ status: 503, text: `${words}\n` });
      expect(ask(runs, '/')).toMatchObject({ status: 200, text: expect.stringContaining(words) as string });
      expect(ask(runs, '/report.json').status).toBe(200);
    }
  });

  test('/report.json and /metrics are the formats', () => {
    const runs = runsOf({ last: ILL, ended: 7, failed: 1, skipped: 2 });
    expect(reportSchema.parse(JSON.parse(ask(runs, '/report.json').text))).toEqual(ILL.report);
    const { text, type } = ask(runs, '/metrics');
    expect(type).toBe('text/plain; version=0.0.4; charset=utf-8');
    for (const line of [
      'seaworthy_verdict{verdict="not-ready"} 1',
      'seaworthy_run_age_seconds 3.000',
      'seaworthy_runs_total 7',
      'seaworthy_runs_broken_total 1',
      'seaworthy_beats_skipped_total 2',
    ])
      expect(text).toContain(`\n${line}\n`);
  });

  test('nothing is stored, framed or guessed', () => {
    const { headers } = ask(runsOf({ last: WELL }), '/');
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; style-src 'sha256-[\w+/=]+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
      ) as string,
    });
  });

  test('a new run is shown, and of one run all get the same bytes', () => {
    let runs = runsOf({ last: WELL });
    const answer = answering({
      runs: () => runs,
      neighbourhood: () => null,
      stale: 600_000,
      verbose: false,
      local: true,
    });
    const report = () => answer({ method: 'GET', url: '/report.json', host: null }).body[0];
    const first = report();
    expect(report()).toBe(first);
    runs = runsOf({ last: ILL });
    expect(report()?.toString()).toContain('"not-ready"');
  });
});

describe('what is not asked for like that', () => {
  test.each([
    '/nothing',
    '/../../etc/passwd',
    '/%2e%2e/etc/passwd',
    '//',
    '/metrics/',
    '/constructor',
    '__proto__',
    '*',
    '',
    'http://127.0.0.1/metrics',
    '/\u0000',
  ])('%j is not found', (url) => {
    expect(ask(runsOf({ last: WELL }), url)).toMatchObject({ status: 404, type: 'text/plain; charset=utf-8' });
  });

  test('a query is not looked at', () => {
    expect(ask(runsOf({ last: WELL }), '/metrics?x=/../../y').status).toBe(200);
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH', 'QUERY'])('%s is refused', (method) => {
    const { status, headers } = ask(runsOf({ last: WELL }), '/', { method });
    expect({ status, allow: headers['allow'] }).toEqual({ status: 405, allow: 'GET, HEAD' });
  });
});

describe('a page of somebody else whose name was made to lead here reads nothing', () => {
  test.each([
    'evil.example',
    'evil.example:10778',
    '10.0.0.1',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '[::1',
    '',
  ])('%j', (host) => {
    for (const url of ['/', '/report.json']) expect(ask(runsOf({ last: WELL }), url, { host }).status).toBe(421);
    expect(ask(runsOf({ last: WELL }), '/', { host, local: false }).status).toBe(200);
  });

  test.each(['localhost', 'LOCALHOST:1', 'node.localhost', '127.0.0.1:10778', '127.0.0.9', '[::1]:10778', null])(
    '%j is one of ours',
    (host) => {
      expect(ask(runsOf({ last: WELL }), '/', { host }).status).toBe(200);
    },
  );
});

describe('a node of a cluster that checks itself', () => {
  const part: Neighbourhood = {
    nodes: 12,
    neighbours: 10,
    age: 1_500,
    unread: null,
    checkedBy: [
      { node: 'w2', age: 4_000 },
      { node: 'a "quoted" one', age: 700_000 },
    ],
  };
  const unread = 'the API server https://10.0.0.1:6443 could not be asked: nobody answers';

  test('/metrics tell whom it checks and who checks it; who did so long ago counts no more', () => {
    const { text } = ask(runsOf({ last: WELL }), '/metrics', { neighbourhood: () => part });
    expect(text).toContain('\nseaworthy_cluster_nodes 12\n');
    expect(text).toContain('\nseaworthy_cluster_read_age_seconds 1.500\n');
    expect(text).toContain('\nseaworthy_neighbours 10\n');
    expect(text).toContain('\nseaworthy_checked_by_nodes 1\n');
    expect(text).toContain('\nseaworthy_checked_by_age_seconds{source="w2"} 4.000\n');
    expect(text).toContain('\nseaworthy_checked_by_age_seconds{source="a \\"quoted\\" one"} 700.000\n');
  });

  test('where the nodes were never read their number is not made up', () => {
    const { text } = ask(runsOf(), '/metrics', {
      neighbourhood: () => ({ ...part, nodes: null, unread, checkedBy: [] }),
    });
    expect(text).not.toContain('seaworthy_cluster_nodes');
    expect(text).toContain('\nseaworthy_checked_by_nodes 0\n');
  });

  test('/healthz: a run without the nodes that it should have had is not all that was to be checked', () => {
    const { status, text } = ask(runsOf({ last: WELL }), '/healthz', { neighbourhood: () => ({ ...part, unread }) });
    expect(status).toBe(503);
    expect(text).toContain(`\nunknown: the nodes of the cluster: ${unread}\n`);
    expect(ask(runsOf({ last: WELL }), '/healthz', { neighbourhood: () => part }).status).toBe(200);
  });
});
