import type { RunEvent } from '../../engine/events.ts';
import type { Node } from '../../engine/node.ts';
import type { CheckReport } from '../../report/schema.ts';
import { mergeReports } from './merge-reports.ts';
import { isUnasked } from './unasked.ts';
import type { CheckState, LogLine, Results, Running } from './state.ts';

/** Lines of the log that are kept. */
const LOG = 1_000;

/** What an event of a run changes. `only`: what of the checks it was asked for, null for all. */
export function withEvent(results: Results, event: RunEvent, only: readonly string[] | null, now: number): Results {
  switch (event.type) {
    case 'started':
      return withLog(started(results, event.checks, only, now), now, startedLine(event.checks.length, only));
    case 'node':
      return withLog(withNode(results, event.node), now, nodeLine(event.node));
    case 'probes':
      return { ...results, running: results.running && { ...results.running, packets: event.progress } };
    case 'check':
      return withLog(judged(results, event.check, now), now, checkLine(event.check));
    case 'finished': {
      const report = mergeReports(results.report, event.report, only === null);
      const ended = { ...results, report, running: null, endedAt: now, checks: results.checks.map(atRest) };
      return withLog(ended, now, `the run ended after ${event.report.run.durationMs} ms`);
    }
  }
}

/** A run broke: what was known stays. */
export function withFailure(results: Results, why: string, now: number): Results {
  const ended = { ...results, running: null, endedAt: now, checks: results.checks.map(atRest) };
  return withLog(ended, now, `the run failed: ${why}`);
}

export function withLog(results: Results, at: number, text: string): Results {
  return { ...results, log: [...results.log.slice(1 - LOG), { at, text } satisfies LogLine] };
}

function atRest(check: CheckState): CheckState {
  return check.running ? { ...check, running: false } : check;
}

function started(
  results: Results,
  checks: readonly { readonly id: string; readonly title: string }[],
  only: readonly string[] | null,
  now: number,
): Results {
  const known = new Map(results.checks.map((check) => [check.id, check]));
  const asked = new Map(checks.map((check) => [check.id, check]));
  const running: Running = { only, startedAt: now, total: checks.length, done: 0, packets: null, met: false };
  const fresh = (id: string, title: string): CheckState => ({
    id,
    title,
    category: id.split('/')[0] ?? id,
    report: null,
    previous: null,
    unasked: false,
    judgedAt: null,
    running: true,
  });
  const named = checks.map(({ id, title }) => ({ ...(known.get(id) ?? fresh(id, title)), running: true }));
  if (only === null) return { ...results, running, checks: named };
  const added = named.filter(({ id }) => !known.has(id));
  const marked = results.checks.map((check) => (asked.has(check.id) ? { ...check, running: true } : check));
  return { ...results, running, checks: [...marked, ...added] };
}

function withNode(results: Results, node: Node): Results {
  const { running } = results;
  // The nodes of a whole run are told anew.
  const before = running !== null && running.only === null && !running.met ? [] : results.nodes;
  const known = before.some(({ name }) => name === node.name);
  const nodes = known ? before.map((each) => (each.name === node.name ? node : each)) : [...before, node];
  return { ...results, nodes, running: running && { ...running, met: true } };
}

function judged(results: Results, report: CheckReport, now: number): Results {
  const { running } = results;
  return {
    ...results,
    running: running && { ...running, done: running.done + 1 },
    checks: results.checks.map((check) => (check.id === report.id ? withReport(check, report, now) : check)),
  };
}

/** Left out this time, it stays what it was when somebody asked for it. */
function withReport(check: CheckState, report: CheckReport, now: number): CheckState {
  const unasked = check.unasked || isUnasked(report);
  if (isUnasked(report) && check.report !== null) return { ...check, running: false, unasked };
  return { ...check, running: false, unasked, previous: check.report, report, judgedAt: now, title: report.title };
}

function startedLine(count: number, only: readonly string[] | null): string {
  return `running ${only === null ? `${count} checks` : only.join(', ')}`;
}

function nodeLine({ name, addresses, roles, stage, kubernetesVersion, versionFrom }: Node): string {
  return `node ${[name, addresses[0]].join(' ').trim()}: ${roles.join(', ')}, ${stage}, Kubernetes ${kubernetesVersion} (${versionFrom})`;
}

function checkLine({ id, status, durationMs, findings }: CheckReport): string {
  return `${status.padEnd(7)} ${id}, ${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}, ${durationMs} ms`;
}
