const PLAIN: Readonly<Record<string, string>> = {
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '–': '-',
  '—': '-',
  '…': '...',
  '→': '->',
  '←': '<-',
  '↔': '<->',
  '×': 'x',
  '≥': '>=',
  '≤': '<=',
  '·': '.',
  '\u00A0': ' ',
};

/** The nearest text in ASCII: accents fall off, and what has no likeness is a question mark. */
export function toAscii(text: string): string {
  return text
    .replaceAll(/\P{ASCII}/gu, (character) => PLAIN[character] ?? character.normalize('NFKD').replaceAll(/\p{M}/gu, ''))
    .replaceAll(/\P{ASCII}/gu, '?');
}
