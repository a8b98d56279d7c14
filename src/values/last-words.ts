/**
 * What another program said last, as the end of a sentence of ours. It may name anybody, in forms that nobody can know: by its marks whoever hides names
 * finds it again. Empty where it said nothing.
 */
export function lastWords(line: string): string {
  const words = line.replace(/\.$/, '').replaceAll('”', '"');
  return words === '' ? '' : `: it said “${words}”`;
}

/** Those of all such sentences in a text. */
export function lastWordsIn(text: string): string[] {
  return [...text.matchAll(/: it said \u201c([^\u201d]+)\u201d/g)].map(([, words = '']) => words);
}
