import * as path from 'node:path';
import { checks as builtInChecks } from '../../../checks/index.ts';
import type { Check } from '../../engine/check.ts';
import { categoryOf, unskipped } from '../../engine/selection.ts';
import type { FactTable } from '../../evidence/facts.ts';
import { facts as builtInFacts } from '../../facts/index.ts';
import { isKubeadmName, kubeadmNames } from '../../kubernetes/kubeadm-names.ts';
import { quoted } from '../../plan/errors.ts';
import { isRulesFile } from '../../plugins/is-rules-file.ts';
import { optionOfFlag } from '../../plan/options/options.ts';
import { configurationKey, variableName } from '../../plan/options/option.ts';
import type { Origin, Plan } from '../../plan/settings.ts';
import { liveSystem } from '../../system/live.ts';
import { nearest } from '../../values/nearest.ts';
import { BROKEN } from '../exit-code.ts';
import { configurationFile } from '../command-line/read-plan.ts';
import { suggestion, UsageError } from '../usage-error.ts';

/** What can be judged and what can be read: ours, and what plugins add. */
export interface Catalogue {
  readonly checks: readonly Check[];
  readonly facts: FactTable;
}

export async function loadCatalogue({ settings, origins }: Plan): Promise<Catalogue> {
  const builtIn = { checks: builtInChecks, facts: builtInFacts };
  if (settings.plugin.length === 0) return builtIn;
  const [{ containPlugins }, { loadPlugins }] = await Promise.all([
    import('../../plugins/contain.ts'),
    import('../../plugins/load.ts'),
  ]);
  // Nothing of a file of rules runs in this program.
  if (!settings.plugin.every(isRulesFile)) await containPlugins(settings.budget, BROKEN);
  // What a configuration names lies beside it, whatever directory somebody happens to be in.
  const from =
    origins.plugin === 'configuration' ? path.dirname(path.resolve(configurationFile(settings))) : process.cwd();
  return loadPlugins(settings.plugin, builtIn, { system: liveSystem(), from, timeout: settings.timeout });
}

/** Throws a UsageError for a name that selects, ignores or waives nothing. */
export function requireKnownNames(plan: Plan, checks: readonly Check[]): void {
  requireSelected(plan, checks);
  requireWaived(plan, checks);
  requireIgnored(plan, checks);
}

function requireSelected({ settings, origins }: Plan, checks: readonly Check[]): void {
  const ids = checks.map(({ id }) => id);
  const categories = [...new Set(ids.map(categoryOf))];
  for (const key of ['only', 'skip'] as const) {
    const wrong = settings[key].find((name) => !ids.includes(name) && !categories.includes(name));
    // It may be one of a plugin that could not be loaded, and the report says so.
    if (wrong === undefined || checks.some(({ unconditional }) => unconditional === true)) continue;
    throw new UsageError(
      `${nameOf(key, origins[key])} ${quoted(wrong)}: no check and no category has this name.${suggestion(nearest(wrong, [...categories, ...ids]))}`,
      `Categories: ${categories.join(', ')}. \`seaworthy list\` prints the ids of all checks.`,
    );
  }
}

/** A waiver that names no check, or no reason for which one can fail, would seem to hold and never does. */
function requireWaived({ settings: { waivers } }: Plan, checks: readonly Check[]): void {
  // It may be about a check of a plugin that could not be loaded, and the report says so.
  if (checks.some(({ unconditional }) => unconditional === true)) return;
  for (const { check, reason, place } of waivers) {
    const ids = checks.map(({ id }) => id);
    if (check !== null && !ids.includes(check)) {
      throw new UsageError(
        `${place} waivers: ${quoted(check)} is no check.${suggestion(nearest(check, ids))}`,
        '`seaworthy list` prints the ids of all checks.',
      );
    }
    const about = checks.filter(({ id }) => check === null || check === id);
    const fails = about.flatMap(({ reasons }) => Object.keys(reasons).filter((each) => reasons[each] === 'fail'));
    if (reason === null || fails.includes(reason)) continue;
    const hint = suggestion(nearest(reason, fails));
    throw check === null
      ? new UsageError(
          `${place} waivers: no check fails for the reason ${quoted(reason)}, and only a fail can be waived.${hint}`,
          '`seaworthy explain CHECK` tells the reasons of a check.',
        )
      : new UsageError(
          `${place} waivers: ${check} does not fail for the reason ${quoted(reason)}, and only a fail can be waived.${hint}`,
          `It fails for: ${fails.length === 0 ? 'nothing' : fails.join(', ')}.`,
        );
  }
}

function requireIgnored({ settings, origins }: Plan, checks: readonly Check[]): void {
  // kubeadm takes any word in its own documents, and a newer one knows newer names.
  if (origins.ignorePreflightErrors === 'kubeadm configuration' || origins.ignorePreflightErrors === 'join command')
    return;
  // A check of a plugin may answer to a name of its own.
  const answered = [...kubeadmNames.map(({ name }) => name), ...checks.flatMap(({ kubeadm }) => kubeadm)];
  const wrong = settings.ignorePreflightErrors.find(
    (word) => !isKubeadmName(word) && !answered.some((name) => name.toLowerCase() === word.toLowerCase()),
  );
  if (wrong === undefined) return;
  throw new UsageError(
    `${nameOf('ignore-preflight-errors', origins.ignorePreflightErrors)} ${quoted(wrong)}: no check answers to this name.${suggestion(nearest(wrong, answered))}`,
    '`seaworthy list` prints the names that each check answers to; `all` stands for every one.',
  );
}

/** A run of no checks would be ready whatever the machine is. Throws a UsageError. */
export function requireSelection({ settings, origins }: Plan, checks: readonly Check[]): void {
  if (unskipped(checks, settings).length > 0) return;
  const chosen = (['only', 'skip'] as const).flatMap((key) =>
    settings[key].length === 0 ? [] : [`${nameOf(key, origins[key])} ${settings[key].join(', ')}`],
  );
  throw new UsageError(
    `${chosen.join(' and ')}: this leaves no check to run, so nothing would be judged.`,
    '`seaworthy list` prints the ids of all checks.',
  );
}

/** An option as the user named it where it was said. */
function nameOf(option: string, origin: Origin): string {
  const known = optionOfFlag(`--${option}`);
  if (known === null || origin === 'flag') return `--${option}`;
  return origin === 'environment' ? variableName(known) : `${configurationKey(known)} of the configuration`;
}
