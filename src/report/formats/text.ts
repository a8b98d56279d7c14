import { between } from '../text/between.ts';
import { categories } from '../text/categories.ts';
import { findings } from '../text/findings.ts';
import { header } from '../text/header.ts';
import { layoutOf } from '../text/layout.ts';
import { isMesh } from '../text/pairs.ts';
import { more, verdict } from '../text/verdict.ts';
import { defineFormat } from './define-format.ts';

export default defineFormat({
  title: 'for people: what is wrong, why it matters and what to do, and last the verdict',
  render: (report, rendering) => {
    const layout = layoutOf(rendering);
    const wrong = findings(report, rendering, layout);
    // Of peers that were tested by themselves the matrix comes first, and the verdict says what each one is by itself.
    const byCategory = isMesh(report) && !rendering.verbose ? [] : categories(report, layout);
    const lines = rendering.quiet
      ? [...wrong, ...verdict(report, layout)]
      : separated([
          header(report, layout),
          byCategory,
          between(report, rendering, layout),
          wrong,
          [...verdict(report, layout), ...more(report, layout)],
        ]);
    return `${lines.join('\n')}\n`;
  },
});

/** Each part that says something, with a line between it and the next. */
function separated(parts: readonly (readonly string[])[]): string[] {
  return parts
    .filter((part) => part.length > 0)
    .flatMap((part, index) => [...(index === 0 ? [] : ['']), ...(part.at(-1) === '' ? part.slice(0, -1) : part)]);
}
