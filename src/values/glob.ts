/** Whether a path matches a pattern of glob(7) with `*` and `?`, which match no slash. Takes at most the product of both lengths. */
export function matchesGlob(pattern: string, path: string): boolean {
  const patterns = pattern.split('/');
  const parts = path.split('/');
  return patterns.length === parts.length && patterns.every((each, index) => matchesPattern(each, parts[index] ?? ''));
}

/** The same of any text: here `*` and `?` match a slash too. */
export function matchesPattern(pattern: string, text: string): boolean {
  let at = 0;
  let back = -1;
  let backText = 0;
  for (let index = 0; index < text.length;) {
    if (pattern[at] === '*') {
      back = at++;
      backText = index;
    } else if (pattern[at] === '?' || pattern[at] === text[index]) {
      at++;
      index++;
    } else if (back >= 0) {
      // The last star takes one character more.
      at = back + 1;
      index = ++backText;
    } else {
      return false;
    }
  }
  return pattern.slice(at).replaceAll('*', '') === '';
}
