import type { Plan } from '../../plan/settings.ts';
import type { Invocation, RunCommand } from '../command-line/command.ts';
import { BROKEN, exitCodeOf } from '../exit-code.ts';
import { print } from '../output/print.ts';
import { readPlan } from '../command-line/read-plan.ts';
import { summary } from '../interface/summary.ts';
import { isUtf8, useColor, widthOf } from '../output/terminal.ts';
import { checkBy } from './check.ts';

/** The terminal UI; where the plan wants a report written, what `check` does. Afterwards a summary stays on the terminal. */
export const openInterface: RunCommand = async (invocation) => {
  const [ui, plan] = await Promise.all([import('../../tui/open.tsx'), readPlan(invocation)]);
  if (!isForPeople(plan) || takesInput(invocation)) return checkBy(plan);
  const { color, ascii, failOn } = plan.settings;
  const look = { color: useColor(color, process.stdout, process.env), ascii: ascii || !isUtf8(process.env) };
  let close = () => undefined as void;
  const { code, report } = await ui.openInterface({
    stdin: process.stdin,
    stdout: process.stdout,
    look,
    root: process.geteuid?.() === 0,
    session: async () => {
      const { interfaceSession } = await import('../interface/interface-session.ts');
      const session = await interfaceSession(plan);
      close = () => session.close();
      return session;
    },
  });
  close();
  if (report !== null) await print(summary(report, { ...look, width: widthOf(process.stdout) }));
  return code ?? (report === null ? BROKEN : exitCodeOf(report.summary, failOn, null));
};

/** The keyboard has said all that it will: what was typed was the join line, up to its end. */
function takesInput({ flags }: Invocation): boolean {
  return flags.some(({ flag, value }) => flag === '--join' && value === '-');
}

/** Nobody asked for a report in a form of its own. */
function isForPeople({ settings: { output, saveFacts, quiet } }: Plan): boolean {
  return output.every(({ format, file }) => format === 'text' && file === null) && saveFacts === null && !quiet;
}
