import { BadValue, PlanError, quoted } from './errors.ts';
import type { Option } from './options/option.ts';
import type { Origin, Settings } from './settings.ts';

/** Some settings, and who said them. */
export interface Layer {
  readonly origin: Origin;
  readonly settings: Partial<Settings>;
}

/** From weak to strong. */
export const ORIGINS = [
  'default',
  'saved facts',
  'cluster',
  'kubeadm configuration',
  'join command',
  'configuration',
  'environment',
  'flag',
] as const satisfies readonly Origin[];

/** One option as one source gives it; `about` is how the user named it there. */
export function layerOf(option: Option, texts: readonly string[], origin: Origin, about: string): Layer[] {
  const split = option.repeatable === 'values' ? texts.flatMap(atCommas) : texts;
  try {
    const implied = option.implies?.(split) ?? null;
    return [
      ...(implied === null ? [] : [{ origin: 'join command', settings: implied } as const]),
      { origin, settings: option.parse(split) },
    ];
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    const shown = option.secret ? '' : ` ${split.map(quoted).join(', ')}`;
    throw new PlanError('bad-value', about, `${shown.trim()} ${error.message}`.trim(), error);
  }
}

export function atCommas(text: string): string[] {
  const parts = text.split(',').map((part) => part.trim());
  // A text of commas alone says nothing; it is refused as the empty value that it is.
  return parts.every((part) => part === '') ? [''] : parts.filter((part) => part !== '');
}
