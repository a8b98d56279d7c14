import { brief, countsOf, line, worstFinding } from '../brief.ts';
import { defineFormat } from './define-format.ts';

/** A custom plugin of node-problem-detector: its message is cut after 80 bytes there. */
export default defineFormat({
  title: 'a line for node-problem-detector, with its own exit codes: 0 fine, 1 a problem, 2 unknown',
  render: (report) => {
    const finding = worstFinding(report);
    if (finding === null) return `${line('', countsOf(report, ['pass', 'skip']), '')}\n`;
    return `${line(`${finding.status}: `, brief(finding, report), '')}\n`;
  },
});
