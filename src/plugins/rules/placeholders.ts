import { nearest } from '../../values/nearest.ts';
import { shellQuote } from '../../values/shell.ts';

/** What a text of a rule may speak of. */
export interface Words {
  readonly subject: string;
  readonly expected: string;
  readonly actual: string;
}

const NAMES = ['subject', 'expected', 'actual'] as const;
const ONE = /\{(subject|expected|actual)\}/g;

/** What is wrong with the placeholders of a sentence, as the rest of a sentence; null when nothing is. */
export function wrongPlaceholder(text: string): string | null {
  for (const [whole, name = ''] of text.matchAll(/\{([A-Za-z]+)\}/g)) {
    if (NAMES.some((known) => known === name)) continue;
    const meant = nearest(name, NAMES);
    return `must hold no placeholder ${whole}: {subject}, {expected} and {actual} are known${meant === null ? '' : ` (did you mean {${meant}}?)`}`;
  }
  return null;
}

/** In one go: what is put in is not looked at again. */
export function filled(text: string, words: Words): string {
  return text.replaceAll(ONE, (_, name: string) => named(words, name));
}

/** A command with what the rule itself says; what was found on the machine never gets into one. */
export function filledCommand(command: string, words: Omit<Words, 'actual'>): string {
  return command.replaceAll(ONE, (_, name: string) => shellQuote(named({ ...words, actual: '' }, name)));
}

function named({ subject, expected, actual }: Words, name: string): string {
  if (name === 'subject') return subject;
  return name === 'expected' ? expected : actual;
}
