export interface Replaced {
  readonly start: number;
  readonly text: string;
  readonly by: string;
}

/** Finds names as whole words, the longest first; what they are made of means nothing but itself. */
export function wordsOf(
  names: readonly (readonly [string, string])[],
): (text: string, from: number) => Replaced | null {
  const byWord = new Map<string, { lead: number; name: string; by: string }[]>();
  for (const [name, by] of names) {
    const first = /[\p{L}\p{N}]+/u.exec(name);
    if (first === null) continue;
    const same = byWord.get(first[0]) ?? [];
    byWord.set(
      first[0],
      [...same, { lead: first.index, name, by }].sort((a, b) => b.name.length - a.name.length),
    );
  }
  return (text, from) => {
    const words = /[\p{L}\p{N}]+/gu;
    words.lastIndex = from;
    for (let match = words.exec(text); match !== null; match = words.exec(text)) {
      // Behind what was replaced just now no word begins.
      if (match.index === from && isLetter(text, from - 1)) continue;
      for (const { lead, name, by } of byWord.get(match[0].toLowerCase()) ?? []) {
        const start = match.index - lead;
        const found = text.slice(start, start + name.length);
        if (start < from || found.toLowerCase() !== name || isSplit(text, start) || isSplit(text, start + name.length))
          continue;
        return { start, text: found, by };
      }
    }
    return null;
  };
}

function isSplit(text: string, at: number): boolean {
  return isLetter(text, at - 1) && isLetter(text, at);
}

function isLetter(text: string, at: number): boolean {
  return at >= 0 && /[\p{L}\p{N}]/u.test(text[at] ?? '');
}
