import { compilePattern } from '../../values/pattern.ts';
import type { Expectation } from './rules-schema.ts';

export type Assertion = keyof Expectation;

/** Null when the value is nothing that could be held against the expectation. */
type Verdict = boolean | null;

/** Whether a value is as expected; null stands for what is not there. Space is as good as any other space: sysctls have tabs between their numbers. */
export function holds(expected: Expectation, value: string | null): Verdict {
  if (expected.exists !== undefined) return value !== null;
  if (expected.absent !== undefined) return value === null;
  if (value === null) return false;
  const { equals, oneOf, atLeast, atMost, matches } = expected;
  if (equals !== undefined) return squeezed(value) === squeezed(equals);
  if (oneOf !== undefined) return oneOf.some((each) => squeezed(value) === squeezed(each));
  if (matches !== undefined) return compilePattern(matches).test(value);
  const number = wholeNumber(value);
  if (number === null) return null;
  if (atLeast !== undefined) return number >= BigInt(atLeast);
  return atMost === undefined ? null : number <= BigInt(atMost);
}

/** `at least 4096` */
export function describe({ equals, oneOf, atLeast, atMost, matches, exists }: Expectation): string {
  if (equals !== undefined) return squeezed(equals);
  if (oneOf !== undefined) return oneOf.map(squeezed).join(' or ');
  if (atLeast !== undefined) return `at least ${atLeast}`;
  if (atMost !== undefined) return `at most ${atMost}`;
  if (matches !== undefined) return `a match of ${matches}`;
  return exists === undefined ? 'absent' : 'present';
}

export function squeezed(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ');
}

/** Numbers of the kernel go beyond what a double holds. */
function wholeNumber(text: string): bigint | null {
  return /^-?\d{1,40}$/.test(text.trim()) ? BigInt(text.trim()) : null;
}
