import json from '../report/formats/json.ts';
import prometheus from '../report/formats/prometheus.ts';
import type { Rendering } from '../report/formats/define-format.ts';
import { isLoopback, parseIp } from '../values/ip.ts';
import { healthOf } from './health.ts';
import { metricsBeside } from './metrics.ts';
import type { Neighbourhood } from './neighbourhood.ts';
import { CONTENT_SECURITY_POLICY, pageOf, waitingPage } from './page.ts';
import type { EndedRun, Runs } from './runs.ts';

export interface Question {
  readonly method: string;
  /** As it was sent. */
  readonly url: string;
  readonly host: string | null;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Parts, one behind the other; those of a report are the same for everybody. */
  readonly body: readonly Buffer[];
}

export interface AnswerOptions {
  readonly runs: () => Runs;
  /** Null where this node is not one of a cluster that checks itself. */
  readonly neighbourhood: () => Neighbourhood | null;
  /** Milliseconds after which the last report says nothing any more. */
  readonly stale: number;
  /** In the metrics each port between nodes too. */
  readonly verbose: boolean;
  /** Only machines with an address of loopback get here; names that lead here are then those of somebody else's page. */
  readonly local: boolean;
}

const TEXT = 'text/plain; charset=utf-8';
const METRICS = 'text/plain; version=0.0.4; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

/** What is served, by path; `null` is any other one. */
export function answering({
  runs,
  neighbourhood,
  stale,
  verbose,
  local,
}: AnswerOptions): (question: Question) => Answer {
  const documents = documentsOf({ color: false, ascii: false, width: 100, quiet: false, verbose });
  const pages: Readonly<Record<string, (now: Runs) => Answer>> = {
    '/': (now) => {
      const health = healthOf(now, neighbourhood(), stale);
      if (now.last === null) return html(503, [Buffer.from(waitingPage(health))]);
      const page = documents(now.last).page();
      return html(200, [Buffer.from(page.before(health, now)), page.report()]);
    },
    '/metrics': (now) => {
      const own = Buffer.from(metricsBeside(now, neighbourhood(), stale));
      return answer(200, METRICS, now.last === null ? [own] : [documents(now.last).metrics(), own]);
    },
    '/healthz': (now) => {
      const { fine, why } = healthOf(now, neighbourhood(), stale);
      return answer(fine ? 200 : 503, TEXT, [Buffer.from(`${why.join('\n')}\n`)]);
    },
    '/report.json': (now) => {
      if (now.last !== null) return answer(200, JSON_TYPE, [documents(now.last).json()]);
      const [error] = healthOf(now, neighbourhood(), stale).why;
      return answer(503, JSON_TYPE, [Buffer.from(`${JSON.stringify({ error })}\n`)]);
    },
  };
  return ({ method, url, host }) => {
    if (local && !isOfLoopback(host))
      return plain(421, 'this machine is served here under its loopback addresses alone');
    if (method !== 'GET' && method !== 'HEAD') {
      const { status, headers, body } = plain(405, 'only GET and HEAD');
      return { status, headers: { ...headers, allow: 'GET, HEAD' }, body };
    }
    const [path = ''] = url.split('?', 1);
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
    return page?.(runs()) ?? plain(404, `nothing is here; there are ${Object.keys(pages).join(', ')}`);
  };
}

/** A name that somebody made lead to loopback, so that a page of theirs in a browser here may read what is served, is none of ours. */
function isOfLoopback(host: string | null): boolean {
  if (host === null) return true;
  const name = /^(?:\[([^\]]*)\]|([^:]*))(?::\d{0,5})?$/.exec(host);
  const text = name?.[1] ?? name?.[2] ?? '';
  const ip = parseIp(text);
  return ip === null ? /^(?:[\w-]+\.)*localhost$/i.test(text) : isLoopback(ip);
}

function plain(status: number, sentence: string): Answer {
  return answer(status, TEXT, [Buffer.from(`${sentence}\n`)]);
}

function html(status: number, body: readonly Buffer[]): Answer {
  const { headers, ...rest } = answer(status, 'text/html; charset=utf-8', body);
  return { ...rest, headers: { ...headers, 'content-security-policy': CONTENT_SECURITY_POLICY } };
}

function answer(status: number, type: string, body: readonly Buffer[]): Answer {
  const headers = {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  };
  return { status, headers, body };
}

/** The documents of the last run, each made when it is first asked for; nothing is kept of the one before. */
function documentsOf(rendering: Rendering) {
  let of: EndedRun | null = null;
  let made: ReturnType<typeof make> | null = null;
  const make = ({ report }: EndedRun) => ({
    page: once(() => {
      const page = pageOf(report);
      return { before: page.before, report: once(() => Buffer.from(page.report())) };
    }),
    json: once(() => Buffer.from(json.render(report, rendering))),
    metrics: once(() => Buffer.from(prometheus.render(report, rendering))),
  });
  return (run: EndedRun) => {
    if (made === null || of !== run) made = make(run);
    of = run;
    return made;
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}
