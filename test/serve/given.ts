import type { Report } from '../../src/report/schema.ts';
import type { EndedRun, Runs } from '../../src/serve/runs.ts';
import { check, FAILED, finding, report } from '../report/given.ts';

export const WELL: EndedRun = { report: report([check('kernel/ip-forward', [finding()])]), fine: true };
export const ILL: EndedRun = { report: report([check('kernel/ip-forward', [FAILED])]), fine: false };

export function runsOf(over: Partial<Runs> = {}): Runs {
  return { last: null, broken: null, ended: 0, failed: 0, skipped: 0, age: 3_000, ...over };
}

export function ended(given: Report): EndedRun {
  return { report: given, fine: false };
}
