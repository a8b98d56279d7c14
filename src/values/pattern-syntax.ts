/** What is wrong with a pattern, as the rest of a sentence that begins with it. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

const MOST_REPEATS = 100;
const LAST_CHARACTER = 0x10ffff;

/** First and last code point. */
export type Range = readonly [number, number];

export type Syntax =
  | { readonly kind: 'characters'; readonly ranges: readonly Range[] }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Syntax[] }
  | { readonly kind: 'repeat'; readonly part: Syntax; readonly least: number; readonly most: number };

/** What a pattern says; throws a PatternError. */
export function parsePattern(characters: readonly string[]): Syntax {
  let at = 0;
  const takes = (wanted: string): boolean => {
    if (characters[at] !== wanted) return false;
    at++;
    return true;
  };

  const choice = (): Syntax => {
    const parts = [sequence()];
    while (takes('|')) parts.push(sequence());
    return { kind: 'choice', parts };
  };
  const sequence = (): Syntax => {
    const parts: Syntax[] = [];
    for (let next = characters[at]; next !== undefined && next !== '|' && next !== ')'; next = characters[at])
      parts.push(repeated(atom()));
    return { kind: 'sequence', parts };
  };
  const repeated = (part: Syntax): Syntax => {
    const counts = repetition();
    if (counts === null) return part;
    if (part.kind === 'start' || part.kind === 'end') throw new PatternError('repeats ^ or $');
    if ('*+?{'.includes(characters[at] ?? 'none')) throw new PatternError('has two repetitions in a row');
    return { kind: 'repeat', part, ...counts };
  };
  const repetition = (): { least: number; most: number } | null => {
    if (takes('*')) return { least: 0, most: Infinity };
    if (takes('+')) return { least: 1, most: Infinity };
    if (takes('?')) return { least: 0, most: 1 };
    if (!takes('{')) return null;
    const end = characters.indexOf('}', at);
    const [, first, comma, last] =
      /^(\d{1,3})(,?)(\d{0,3})$/.exec(characters.slice(at, Math.max(at, end)).join('')) ?? [];
    if (first === undefined)
      throw new PatternError('has a { that begins no repetition such as {2,5}: write \\{ for the character');
    at = end + 1;
    const least = Number(first);
    const most = comma === '' ? least : last === '' || last === undefined ? Infinity : Number(last);
    if (least > most) throw new PatternError('has a repetition whose first number is the larger one');
    if (Math.max(least, most === Infinity ? 0 : most) > MOST_REPEATS)
      throw new PatternError(`repeats more than ${MOST_REPEATS} times`);
    return { least, most };
  };
  const atom = (): Syntax => {
    const character = characters[at++] ?? '';
    if (character === '(') return group();
    if (character === '[') return { kind: 'characters', ranges: characterClass() };
    if (character === '.') return { kind: 'characters', ranges: [[0, LAST_CHARACTER]] };
    if (character === '^') return { kind: 'start' };
    if (character === '$') return { kind: 'end' };
    if (character === '\\') return { kind: 'characters', ranges: escaped() };
    if ('*+?{'.includes(character)) throw new PatternError(`has a ${character} that follows nothing`);
    return { kind: 'characters', ranges: [single(character)] };
  };
  const group = (): Syntax => {
    if (takes('?') && !takes(':'))
      throw new PatternError('has a group that begins with (?, of which only (?: is known');
    const inner = choice();
    if (!takes(')')) throw new PatternError('has a ( without its )');
    return inner;
  };
  const escaped = (): readonly Range[] => {
    const character = characters[at++];
    if (character === undefined) throw new PatternError('ends with a \\');
    const known = CLASSES[character];
    if (known !== undefined) return known;
    if (/[A-Za-z0-9]/.test(character))
      throw new PatternError(`has \\${character}, which is not known: \\d \\w \\s \\t are`);
    return [single(character)];
  };
  const characterClass = (): readonly Range[] => {
    const negated = takes('^');
    const ranges: Range[] = [];
    for (let first = true; !takes(']') || (first && fail('has an empty class []')); first = false) {
      const low = classMember();
      const isRange = characters[at] === '-' && characters[at + 1] !== ']';
      if (!isRange) {
        ranges.push(...low);
        continue;
      }
      at++;
      const [from, to] = [onlyCharacter(low), onlyCharacter(classMember())];
      if (from > to) throw new PatternError('has a range in [] that begins behind its end');
      ranges.push([from, to]);
    }
    return negated ? allBut(ranges) : ranges;
  };
  const classMember = (): readonly Range[] => {
    const character = characters[at++];
    if (character === undefined) throw new PatternError('has a [ without its ]');
    return character === '\\' ? escaped() : [single(character)];
  };

  const whole = choice();
  if (at < characters.length) throw new PatternError('has a ) without its (');
  return whole;
}

function fail(said: string): never {
  throw new PatternError(said);
}

function single(character: string): Range {
  const code = character.codePointAt(0) ?? 0;
  return [code, code];
}

function onlyCharacter(ranges: readonly Range[]): number {
  const [first] = ranges;
  if (first === undefined || ranges.length > 1 || first[0] !== first[1])
    throw new PatternError('has a range in [] with an end that is no character');
  return first[0];
}

function allBut(ranges: readonly Range[]): Range[] {
  const free: Range[] = [];
  let from = 0;
  for (const [low, high] of ranges.toSorted((a, b) => a[0] - b[0])) {
    if (low > from) free.push([from, low - 1]);
    from = Math.max(from, high + 1);
  }
  if (from <= LAST_CHARACTER) free.push([from, LAST_CHARACTER]);
  return free;
}

const DIGITS: readonly Range[] = [[48, 57]];
const WORDS: readonly Range[] = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
const SPACES: readonly Range[] = [
  [9, 13],
  [32, 32],
];
const CLASSES: Readonly<Record<string, readonly Range[]>> = {
  d: DIGITS,
  w: WORDS,
  s: SPACES,
  D: allBut(DIGITS),
  W: allBut(WORDS),
  S: allBut(SPACES),
  t: [[9, 9]],
};
