import { nearest } from '../values/nearest.ts';
import { DEFAULTS, DEFAULT_ORIGINS } from './defaults.ts';
import { environmentLayers, type Environment } from './environment.ts';
import { PlanError, quoted } from './errors.ts';
import { ORIGINS, layerOf, type Layer } from './layers.ts';
import { OPTIONS, optionOfFlag } from './options/options.ts';
import { flagName, type Option } from './options/option.ts';
import type { Plan } from './settings.ts';
import { settle } from './settle.ts';

/** One flag of argv with its value: `--role` (or `-o`), `worker`. A switch has none, or `true` or `false`. */
export interface FlagValue {
  readonly flag: string;
  readonly value: string | null;
}

export interface PlanInput {
  /** In the order of argv. */
  readonly flags: readonly FlagValue[];
  readonly environment: Environment;
  /** The text of the --config file; `name` is what messages call it. */
  readonly configuration: { readonly name: string; readonly text: string } | null;
  /** Hears, in a sentence each, what is odd in a configuration and no error. */
  readonly warn: (sentence: string) => void;
}

/** All that the user said, merged. Throws a PlanError for what cannot be. */
export async function buildPlan({ flags, environment, configuration, warn }: PlanInput): Promise<Plan> {
  // yaml and its schema are loaded only by those who have a configuration.
  const written =
    configuration === null
      ? []
      : await (await import('./configuration.ts')).configurationLayers(configuration.text, configuration.name, warn);
  return settle(merge([...written, ...environmentLayers(environment), ...flagLayers(flags)]));
}

function flagLayers(flags: readonly FlagValue[]): Layer[] {
  const given = new Map<Option, { flag: string; values: string[] }>();
  for (const { flag, value } of flags) {
    const option = optionOfFlag(flag);
    if (option === null) {
      const names = OPTIONS.filter(({ sources }) => sources.includes('flag')).map(flagName);
      throw new PlanError('unknown-option', quoted(flag), 'is no option', { nearest: nearest(flag, names) });
    }
    const before = given.get(option)?.values ?? [];
    if (value === null && option.hint !== null) {
      throw new PlanError('bad-value', flag, `needs a value: ${option.hint}`, { allowed: option.hint });
    }
    given.set(option, { flag, values: [...before, value ?? 'true'] });
  }
  return [...given].flatMap(([option, { flag, values }]) => layerOf(option, values, 'flag', flag));
}

/** The stronger origin wins; of one origin, what came later. */
function merge(layers: readonly Layer[]): Plan {
  // Of several join lines only the strongest counts, with all that it implies.
  const line = layers.findLast(({ origin }) => origin === 'join command');
  const ranked = layers
    .filter((layer) => layer.origin !== 'join command' || layer === line)
    .sort((a, b) => ORIGINS.indexOf(a.origin) - ORIGINS.indexOf(b.origin));
  let settings = DEFAULTS;
  let origins = DEFAULT_ORIGINS;
  for (const { origin, settings: said } of ranked) {
    // --output and --json say the same thing in two ways: together they are two outputs.
    const before = origins.output === origin && said.output !== undefined ? settings.output : [];
    settings = { ...settings, ...said, ...(said.output === undefined ? {} : { output: [...before, ...said.output] }) };
    origins = { ...origins, ...Object.fromEntries(Object.keys(said).map((key) => [key, origin])) };
  }
  return { settings, origins };
}
