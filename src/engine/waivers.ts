import type { Waiver } from '../plan/settings.ts';
import type { Finding, Report } from '../report/schema.ts';
import { matchesPattern } from '../values/glob.ts';
import type { Check } from './check.ts';
import { ENGINE_REASONS } from './reasons.ts';
import type { Node } from './node.ts';

/** The day by which waivers expire, in UTC: `2026-01-31`. */
export function today(): string {
  return new Date().toISOString().slice(0, 'YYYY-MM-DD'.length);
}

/** It still holds on the day that it names. */
function isExpired({ until }: Waiver, day: string): boolean {
  return until !== null && until < day;
}

type Subject = Pick<Finding, 'check' | 'nodes' | 'subject' | 'reason'>;

/** The waiver that allows a fail, or null. */
export function waiverFor(fail: Subject, waivers: readonly Waiver[], day: string): Waiver | null {
  return waivers.find((waiver) => !isExpired(waiver, day) && isAbout(waiver, fail)) ?? null;
}

/** What is between nodes is waived only where each of them is named: a waiver of one does not speak for the other. */
function isAbout({ check, reason, subject, nodes }: Waiver, fail: Subject): boolean {
  return (
    (check === null || check === fail.check) &&
    (reason === null || reason === fail.reason) &&
    matchesPattern(subject, fail.subject) &&
    fail.nodes.every((name) => isNamed(name, nodes))
  );
}

function isNamed(name: string, patterns: readonly string[]): boolean {
  return patterns.length === 0 || patterns.some((pattern) => matchesPattern(pattern, name));
}

/**
 * A warning for each waiver whose day is over, by the check that says it: the one that it names, else the first of the run that can fail so. It is there
 * whether or not the fail still is: whoever wrote the day wanted to be asked again.
 */
export function expiredWaivers(
  waivers: readonly Waiver[],
  checks: readonly Check[],
  nodes: readonly Node[],
  day: string,
): ReadonlyMap<string, readonly Finding[]> {
  const warnings = waivers.flatMap((waiver) => {
    const names = nodes.map(({ name }) => name).filter((name) => isNamed(name, waiver.nodes));
    const home = checks.find(({ id, reasons }) =>
      waiver.check === null ? waiver.reason !== null && reasons[waiver.reason] === 'fail' : waiver.check === id,
    );
    return !isExpired(waiver, day) || names.length === 0 || home === undefined ? [] : [expired(home.id, names, waiver)];
  });
  return Map.groupBy(warnings, ({ check }) => check);
}

function expired(check: string, nodes: string[], { reason, subject, why, until, place }: Waiver): Finding {
  return {
    check,
    nodes,
    subject: `waiver of ${reason === null ? '' : `${reason} `}${subject}`,
    status: ENGINE_REASONS['waiver-expired'],
    reason: 'waiver-expired',
    message: `A waiver held until ${until}, and no longer allows a fail: ${why}`,
    evidence: { place, why, until },
    remedy: { text: `Mend what it allowed and take it out of the configuration, or give it a later day: ${place}` },
  };
}

/** Waivers of checks of this run that allowed nothing in it, expired ones too. */
export function unusedWaivers({ checks }: Pick<Report, 'checks'>, waivers: readonly Waiver[]): Waiver[] {
  const fails = checks.flatMap(({ findings }) => findings.filter(isFail));
  return waivers.filter(
    (waiver) =>
      (waiver.check === null || checks.some(({ id }) => id === waiver.check)) &&
      !fails.some((fail) => isAbout(waiver, fail)),
  );
}

function isFail({ status, was }: Finding): boolean {
  return status === 'fail' || was === 'fail';
}
