import { formsFor } from './form-pseudonyms.ts';
import { nextForm, type Form } from './forms.ts';
import { namesFor } from './name-pseudonyms.ts';
import { wordsOf, type Replaced } from './names-in-text.ts';
import type { Named } from './names.ts';

/** The same replacement for the same thing, wherever it stands. */
export interface Pseudonyms {
  /** A field that holds a name and nothing else. */
  readonly name: (name: string) => string;
  /** Any text: names as whole words, and what its form tells. */
  readonly text: (text: string) => string;
}

/**
 * @param named Every name of the documents.
 * @param texts All texts of the documents: what is in them is no replacement for something else.
 * @param isOrdinary Whether a name is a word of our own sentences. It then stays in text, where nobody could tell which is which and the sentence would break.
 */
export function pseudonymsOf(
  named: readonly Named[],
  texts: readonly string[],
  isOrdinary: (word: string) => boolean,
): Pseudonyms {
  const forms = new Map(texts.flatMap(formsIn).map((form) => [form.text.toLowerCase(), form]));
  const taken = new Set([...forms.keys(), ...named.map(({ name }) => name.toLowerCase())]);
  const ofName = namesFor(named, taken);
  const ofForm = formsFor([...forms.values()], taken);
  const inText = wordsOf([...ofName].filter(([name]) => !isNobodys(name) && !isOrdinary(name.trim())));

  const text = (original: string): string => {
    let out = '';
    let from = 0;
    let form = nextForm(original, 0);
    let word = inText(original, 0);
    while (form !== null || word !== null) {
      // What begins first, and of two the longer one: an address in a name is part of it, and a name in an address is none.
      const byName =
        word !== null &&
        (form === null ||
          word.start < form.start ||
          (word.start === form.start && word.text.length >= form.text.length));
      const next: Replaced | null = byName ? word : form === null ? null : { ...form, by: ofForm(form) };
      if (next === null) break;
      out += original.slice(from, next.start) + next.by;
      from = next.start + next.text.length;
      if (form !== null && form.start < from) form = nextForm(original, from);
      if (word !== null && word.start < from) word = inText(original, from);
    }
    return out + original.slice(from);
  };
  const name = (original: string): string => {
    const known = ofName.get(original.toLowerCase());
    if (known !== undefined) return known;
    // Of clones: the name, and where each was read.
    const [, own, where] = /^(.+) \((.+)\)$/s.exec(original) ?? [];
    return own === undefined || where === undefined ? text(original) : `${name(own)} (${name(where)})`;
  };
  return { name, text };
}

/** A single letter and a number are in every text. */
function isNobodys(name: string): boolean {
  const letters = name.replaceAll(/[^\p{L}\p{N}]/gu, '');
  return letters.length < 2 || /^\d+$/.test(letters);
}

function formsIn(text: string): Form[] {
  const found: Form[] = [];
  for (let form = nextForm(text, 0); form !== null; form = nextForm(text, form.start + form.text.length))
    found.push(form);
  return found;
}
