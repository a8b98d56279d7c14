import { categories } from '../text/categories.ts';
import { findings } from '../text/findings.ts';
import { header } from '../text/header.ts';
import { layoutOf } from '../text/layout.ts';
import { more, verdict } from '../text/verdict.ts';
import { defineFormat } from './define-format.ts';

export default defineFormat({
  title: 'for people: what is wrong, why it matters and what to do, and last the verdict',
  render: (report, rendering) => {
    const layout = layoutOf(rendering);
    const wrong = findings(report, rendering, layout);
    const lines = rendering.quiet
      ? [...wrong, ...verdict(report, layout)]
      : [
          ...header(report, layout),
          '',
          ...categories(report, layout),
          '',
          ...wrong,
          ...(wrong.length > 0 && wrong.at(-1) !== '' ? [''] : []),
          ...verdict(report, layout),
          ...more(report, layout),
        ];
    return `${lines.join('\n')}\n`;
  },
});
