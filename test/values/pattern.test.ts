import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePattern } from '../../src/values/pattern.ts';

/** The name of the error that a pattern is refused with. */
function errorOf(source: string): string | null {
  try {
    compilePattern(source);
    return null;
  } catch (error) {
    return error instanceof Error ? error.name : '';
  }
}

describe('matches as JavaScript does', () => {
  test.each([
    ['abc', 'xabcx'],
    ['^abc$', 'abc'],
    ['^abc$', 'abcd'],
    ['', ''],
    ['^$', 'a'],
    ['a|b|', ''],
    ['^(?:a|bc)+$', 'abcbca'],
    ['[^a-c]', 'abc'],
    ['[a-]', '-'],
    ['[\\]\\\\]', '\\'],
    ['\\d{2,3}$', '12'],
    ['^\\d{2}$', '123'],
    ['^x{0}$', ''],
    ['^a{2,}$', 'aaaa'],
    ['\\w+\\s=\\s\\S', 'key = v'],
    ['^.$', '😀'],
    ['(^a|b$)', 'cb'],
    ['(a*)*$', 'b'],
    ['\\{\\.\\$', '{.$'],
  ])('/%s/ in %j', (source, text) => {
    expect(compilePattern(source).test(text)).toBe(new RegExp(source, 'su').test(text));
  });

  const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '^', '$', '\\w');
  const repetition = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,2}', '{0,3}', '{1,}');
  const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
    pattern: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      fc.tuple(atom, repetition).map(([one, times]) => ('^$'.includes(one) ? one : `${one}${times}`)),
      fc.tuple(tie('pattern'), tie('pattern')).map((two) => two.join('')),
      fc.tuple(tie('pattern'), tie('pattern')).map((two) => `(?:${two.join('|')})`),
      fc.tuple(tie('pattern'), repetition).map(([one, times]) => `(${one})${times}`),
    ),
  }));
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '1', ' '), maxLength: 8 });

  test('whatever pattern and text', () => {
    fc.assert(
      fc.property(pattern, text, (source, given) => {
        let own;
        try {
          own = compilePattern(source);
        } catch {
          // Too large, which is its right.
          return;
        }
        expect(own.test(given)).toBe(new RegExp(source, 's').test(given));
      }),
      { numRuns: 2_000 },
    );
  });

  test('whatever is no pattern is refused, and nothing else is thrown', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('ab(){}[]*+?|\\^$-,:12dwz')) }), (source) => {
        const thrown = errorOf(source);
        expect([null, 'PatternError']).toContain(thrown);
        // What it takes, JavaScript takes too.
        expect(thrown === null ? new RegExp(source, 's') : null).toBeDefined();
      }),
      { numRuns: 3_000 },
    );
  });
});

test.each([
  ['(a+', 'without its )'],
  ['a)', 'without its ('],
  ['[a', 'without its ]'],
  ['[]', 'empty class'],
  ['[b-a]', 'begins behind its end'],
  ['[\\d-z]', 'no character'],
  ['*a', 'follows nothing'],
  ['a**', 'two repetitions'],
  ['a+?', 'two repetitions'],
  ['^*', 'repeats ^ or $'],
  ['a{x}', 'write \\{'],
  ['a{3,2}', 'larger one'],
  ['a{101}', 'more than 100 times'],
  ['(?=a)', 'only (?: is known'],
  ['(a)\\1', '\\1, which is not known'],
  ['\\bword', '\\b, which is not known'],
  ['a\\', 'ends with a \\'],
  ['(((a{99}){99}){99}){99}', 'too large'],
  ['(((((){99}){99}){99}){99}){99}', 'too large'],
  ['a'.repeat(201), 'longer than 200'],
])('%s is refused: %s', (source, said) => {
  expect(() => compilePattern(source)).toThrow(said);
});

test.each(['(a*)*b', '(a|a)*b', '(a+)+$', '(?:.*.*.*.*.*)x', '(a?){50}a{50}', '(.|a|b)*(a|b){20}y'])(
  '%s comes to an end on what it does not match',
  (source) => {
    const pattern = compilePattern(source);
    // Whoever goes back takes 2 to the power of this.
    expect(pattern.test(`${'a'.repeat(20_000)}!`)).toBe(source === '(a?){50}a{50}');
  },
);
