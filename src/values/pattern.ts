import { parsePattern, PatternError, type Range, type Syntax } from './pattern-syntax.ts';

/** A regular expression whose matching takes at most its size times the length of the text: there is no going back. */
export interface Pattern {
  /** Whether it matches anywhere in the text; `^` and `$` are the ends of the text. */
  test(text: string): boolean;
}

const LONGEST = 200;
/** Comparisons for a character of the text, at worst. */
const LARGEST = 500;

type Step =
  | { readonly kind: 'characters'; readonly ranges: readonly Range[]; readonly next: number }
  | { readonly kind: 'start' | 'end'; readonly next: number }
  | { readonly kind: 'fork'; readonly ways: readonly number[] }
  | { readonly kind: 'found' };

/**
 * Characters, `.`, classes such as `[a-z_]` and `\d \w \s`, groups, `|`, `* + ? {2,5}`, `^` and `$`. No references back and no looking around: with
 * those no bound on the time is known. Throws a PatternError.
 */
export function compilePattern(source: string): Pattern {
  if (source.length > LONGEST) throw new PatternError(`is longer than ${LONGEST} characters`);
  const steps = stepsOf(parsePattern(Array.from(source)));
  return { test: (text) => isFound(steps, text) };
}

/** The first step comes last. */
function stepsOf(syntax: Syntax): readonly Step[] {
  const steps: Step[] = [{ kind: 'found' }];
  let size = 0;
  const grow = (by: number) => {
    size += by;
    if (size > LARGEST) throw new PatternError('is too large: it repeats too much');
  };
  const add = (step: Step): number => {
    steps.push(step);
    return steps.length - 1;
  };
  /** Steps that go through the syntax and on to `next`; the place of their first one. */
  const through = (node: Syntax, next: number): number => {
    grow(1);
    if (node.kind === 'characters') {
      grow(node.ranges.length);
      return add({ ...node, next });
    }
    if (node.kind === 'sequence') return node.parts.reduceRight((after, part) => through(part, after), next);
    if (node.kind === 'choice') return add({ kind: 'fork', ways: node.parts.map((part) => through(part, next)) });
    return node.kind === 'repeat' ? repeat(node, next) : add({ kind: node.kind, next });
  };
  const repeat = ({ part, least, most }: Extract<Syntax, { kind: 'repeat' }>, next: number): number => {
    let first = next;
    if (most === Infinity) {
      const ways = [next];
      first = add({ kind: 'fork', ways });
      ways.push(through(part, first));
    } else {
      for (let more = least; more < most; more++) first = add({ kind: 'fork', ways: [through(part, first), next] });
    }
    for (let must = 0; must < least; must++) first = through(part, first);
    return first;
  };
  add({ kind: 'fork', ways: [through(syntax, 0)] });
  return steps;
}

/** All ways at once, character by character. */
function isFound(steps: readonly Step[], text: string): boolean {
  const seen = new Int32Array(steps.length).fill(-1);
  let waiting: number[] = [];
  let found = false;
  /** Follows what takes no character, from a place in the text. */
  const enter = (first: number, at: number) => {
    const todo = [first];
    for (let place = todo.pop(); place !== undefined; place = todo.pop()) {
      const step = steps[place];
      if (step === undefined || seen[place] === at) continue;
      seen[place] = at;
      if (step.kind === 'characters') waiting.push(place);
      else if (step.kind === 'fork') todo.push(...step.ways);
      else if (step.kind === 'found') found = true;
      else if (step.kind === 'start' ? at === 0 : at === text.length) todo.push(step.next);
    }
  };
  for (let at = 0; ;) {
    enter(steps.length - 1, at);
    if (found || at >= text.length) return found;
    const code = text.codePointAt(at) ?? 0;
    at += code > 0xffff ? 2 : 1;
    const before = waiting;
    waiting = [];
    for (const place of before) {
      const step = steps[place];
      if (step?.kind === 'characters' && step.ranges.some(([low, high]) => code >= low && code <= high))
        enter(step.next, at);
    }
  }
}
