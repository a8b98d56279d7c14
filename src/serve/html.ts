import { printable } from '../values/printable.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Longer texts are cut: somebody meant a page to be long. Characters. */
const LONGEST = 4_000;

/** Text from anywhere, as text of an element or as a quoted value of an attribute. */
function escaped(text: string): string {
  const shown = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return printable(shown).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** Markup with values in it: texts are escaped, markup that `markup` made is not, and of a list all are put one behind the other. */
export function markup(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(String.raw({ raw: strings }, ...values.map(written)));
}

type Content = string | number | Markup | readonly Markup[];

/** Only made by `markup`, or of what is a constant of the program. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

function written(value: Content): string {
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(({ text }) => text).join('');
  return escaped(String(value));
}
