import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { toAscii } from '../../../src/report/text/ascii.ts';

test.each([
  ['kubelet → kube-apiserver', 'kubelet -> kube-apiserver'],
  ['the kernel’s “own” names – all…', 'the kernel\'s "own" names - all...'],
  ['Zürich', 'Zurich'],
  ['\uFFFD 漢', '? ?'],
])('%j', (text, ascii) => expect(toAscii(text)).toBe(ascii));

test('always ASCII, and ASCII stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const ascii = toAscii(text);
      expect(/^\p{ASCII}*$/u.test(ascii)).toBe(true);
      expect(toAscii(ascii)).toBe(ascii);
    }),
  );
});
