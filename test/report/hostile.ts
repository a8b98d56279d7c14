import * as fc from 'fast-check';
import type { Finding, Report } from '../../src/report/schema.ts';
import { STATUSES } from '../../src/values/status.ts';
import { check, finding, node, report } from './given.ts';

const NASTY = [
  ']]>',
  '<script>alert(1)</script>',
  '<!-- --> &amp; &#0;',
  '"quoted" \'twice\' `ticked` ``twice``',
  'a | b \\| c \\',
  '# SKIP # TODO \\# ',
  'ok 1 - done\n1..0\nBail out!\n...\n---',
  '\n\n```\n## heading\n- [x] item\n\n|a|b|\n|-|-|\n',
  '*bold* _it_ ~~gone~~ [link](https://example.org) ![image](x) @everyone #1 https://example.org/_a_',
  '{0} {{1}} [x](1) \\[y\\]',
  '\u0000\u0007\u001B[31mred\u001B[0m\r\t\u0085\u2028\u2029\u202E\uFEFF',
  '\uD800 half \uDFFF',
  '\uFFFE\uFFFF',
  '}"} 1\nseaworthy_fake{a="b"} 1',
  '\\n \\" \\\\',
  ' ',
  '😀é漢｜＂＼＜＃',
  'x'.repeat(20_000),
];

/** Words from outside, any 16-bit units among them. */
const words = (): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom(...NASTY),
    fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 }).map((units) => String.fromCharCode(...units)),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.tuple(fc.constantFrom(...NASTY), fc.constantFrom(...NASTY)).map((both) => both.join('')),
  );

const aFinding = (): fc.Arbitrary<Finding> =>
  fc
    .record({
      status: fc.constantFrom(...STATUSES),
      nodes: fc.array(words(), { minLength: 1, maxLength: 2 }),
      subject: words(),
      message: words(),
      why: words(),
      expected: words(),
      actual: words(),
      remedy: fc.record({ text: words(), commands: fc.array(words(), { maxLength: 2 }) }),
    })
    .map((given) => finding(given));

/** A report in which all that can come from outside does so from somebody who means no good. */
export function hostileReport(): fc.Arbitrary<Report> {
  const someFindings = fc.array(aFinding(), { minLength: 1, maxLength: 3 });
  return fc
    .record({ names: fc.array(words(), { minLength: 1, maxLength: 2 }), first: someFindings, second: someFindings })
    .map(({ names, first, second }) =>
      report([check('acme/one', first), check('kernel/ip-forward', second)], {
        nodes: names.map((name, index) => node(name, { self: index === 0 })),
      }),
    );
}

export function findingsOf({ checks }: Report): Finding[] {
  return checks.flatMap(({ findings }) => findings);
}
