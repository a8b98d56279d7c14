import type { Rendering } from '../../report/formats/define-format.ts';
import type { Report } from '../../report/schema.ts';
import { layoutOf } from '../../report/text/layout.ts';
import { more, verdict } from '../../report/text/verdict.ts';

const LINES = 5;

/** What stays on the terminal when the UI is left. */
export function summary(report: Report, look: Pick<Rendering, 'color' | 'ascii' | 'width'>): string {
  const layout = layoutOf({ ...look, quiet: false, verbose: false });
  return [...verdict(report, layout), ...more(report, layout)]
    .slice(0, LINES)
    .map((line) => `${line}\n`)
    .join('');
}
