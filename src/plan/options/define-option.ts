import type { Settings } from '../settings.ts';
import { toBoolean } from '../value-parsers.ts';
import type { Option, Written } from './option.ts';

const EVERYWHERE = ['flag', 'environment', 'configuration'] as const;

type Given = Pick<Option, 'name' | 'setting' | 'hint' | 'help' | 'commands' | 'parse' | 'write'>;

/** A plain option; what it leaves out is the usual. */
export function option(given: Given & Partial<Option>): Option {
  return {
    short: null,
    repeatable: false,
    allowed: null,
    alone: null,
    sources: EVERYWHERE,
    implies: null,
    secret: false,
    ...given,
  };
}

/** An option that takes no value on the command line. */
export function onOff(
  given: Omit<Given, 'hint' | 'parse'> & Pick<Partial<Option>, 'short'>,
  set: (on: boolean) => Partial<Settings>,
): Option {
  return option({ ...given, hint: null, parse: (texts) => set(toBoolean(last(texts))) });
}

/** Said twice, the last one counts. */
export function last(texts: readonly string[]): string {
  return texts.at(-1) ?? '';
}

/** As one value; null when there is nothing to write. */
export function list(values: readonly string[]): Written {
  return values.length === 0 ? null : values;
}
