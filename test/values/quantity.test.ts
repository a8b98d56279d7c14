import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatBytes, parseQuantity } from '../../src/values/quantity.ts';

test.each([
  ['50Mi', 50 * 1024 ** 2],
  ['1.5G', 1.5e9],
  ['1e3', 1000],
  ['1024', 1024],
  ['.5k', 500],
  ['500m', 0.5],
])('%s', (text, amount) => {
  expect(parseQuantity(text)).toBe(amount);
});

test.each(['', '10%', 'Mi', '1 Gi', '-1', '1X', 'toString', '1__', '0x10'])('no quantity: %j', (text) => {
  expect(parseQuantity(text)).toBeNull();
});

test('whole numbers with any suffix', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.constantFrom(['Ki', 1024] as const, ['Mi', 1024 ** 2] as const, ['k', 1000] as const),
      (amount, [suffix, factor]) => {
        expect(parseQuantity(`${amount}${suffix}`)).toBe(amount * factor);
      },
    ),
  );
});

test('bytes for a person', () => {
  expect([0, 1023, 1024, 8.25 * 1024 ** 3, 1e30].map(formatBytes).slice(0, 4)).toEqual([
    '0 B',
    '1023 B',
    '1 KiB',
    '8.2 GiB',
  ]);
});
