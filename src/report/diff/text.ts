import type { Rendering } from '../formats/define-format.ts';
import { layoutOf, type Layout, type Span } from '../text/layout.ts';
import type { Tone } from '../text/theme.ts';
import { CHANGES, isWorse, isWrong, type Change, type Changed, type Difference } from './difference.ts';

const TONES: Readonly<Record<Change, Tone>> = {
  worse: 'fail',
  new: 'strong',
  gone: 'quiet',
  better: 'pass',
  same: 'quiet',
};
const WIDTH = 8;

/** What changed, the worst first, and whether something became worse. */
export function diffText(difference: Difference, rendering: Rendering): string {
  const layout = layoutOf(rendering);
  const { old, new: now, findings, becameWorse } = difference;
  const shown = findings.filter((each) => isShown(each, rendering));
  const head = `${old.startedAt} ${old.verdict} → ${now.startedAt} ${now.verdict}`;
  const end: Span = becameWorse ? { text: 'WORSE', tone: 'fail' } : { text: 'NOT WORSE', tone: 'pass' };
  const lines = [
    ...(rendering.quiet ? [] : [...layout.paragraph([head], { hanging: 4 }), '']),
    ...shown.flatMap((each) => entry(each, layout)),
    ...(shown.length === 0 ? [] : ['']),
    ...layout.paragraph([end, `  ${countsOf(difference)}`], { hanging: 4 }),
  ];
  return `${lines.join('\n')}\n`;
}

function isShown(each: Changed, { quiet, verbose }: Rendering): boolean {
  if (quiet) return isWorse(each);
  return verbose || each.change !== 'same';
}

/** `worse   ports/available  w1  tcp/10250  pass free → fail in-use` */
function entry(each: Changed, layout: Layout): string[] {
  const { change, check, nodes, subject } = each;
  const tone = isWorse(each) ? 'fail' : TONES[change];
  const title = [
    { text: change, tone },
    `${' '.repeat(WIDTH - change.length)}${check}  ${nodes.join(', ')}  ${subject}`,
  ];
  const why = isWorse(each) && each.new !== null ? layout.paragraph([each.new.message], { indent: WIDTH }) : [];
  return [...layout.paragraph([...title, `  ${became(each)}`], { hanging: WIDTH }), ...why];
}

/** `pass free → fail in-use` */
export function became({ change, old, new: now }: Changed): string {
  const told = (change === 'same' ? [now] : [old, now]).filter((seen) => seen !== null);
  return told.map(({ status, reason }) => `${status} ${reason}`).join(' → ');
}

/** `1 worse, 2 new, 0 gone, 0 better, 30 same (1 of them not as it should be)` */
export function countsOf({ summary, findings }: Difference): string {
  const still = findings.filter((each) => each.change === 'same' && isWrong(each.new)).length;
  const counts = CHANGES.map((change) => `${summary[change]} ${change}`).join(', ');
  return still === 0 ? counts : `${counts} (${still} of them not as ${still === 1 ? 'it' : 'they'} should be)`;
}
