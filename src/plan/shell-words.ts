/** The words of a pasted shell line: quotes and continued lines understood, nothing expanded. Null when a quote is not closed. */
export function shellWords(line: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let at = 0; at < line.length; at++) {
    const letter = line.charAt(at);
    if (quote !== null) {
      if (letter === quote) quote = null;
      else if (letter === '\\' && quote === '"' && /["\\$`]/.test(line.charAt(at + 1))) word += line.charAt(++at);
      else word += letter;
    } else if (letter === '"' || letter === "'") {
      quote = letter;
      word ??= '';
    } else if (/\s/.test(letter) || (letter === '\\' && /^\s*$/.test(line.charAt(at + 1)))) {
      // A backslash before a blank is a continued line whose line break was lost on the way.
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = (word ?? '') + (letter === '\\' ? line.charAt(++at) : letter);
    }
  }
  if (word !== null) words.push(word);
  return quote === null ? words : null;
}
