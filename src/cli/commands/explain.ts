import type { Check } from '../../engine/check.ts';
import { quoted } from '../../plan/errors.ts';
import { nearest } from '../../values/nearest.ts';
import { loadCatalogue } from '../catalogue.ts';
import type { RunCommand } from '../commands.ts';
import { print } from '../print.ts';
import { readPlan } from '../read-plan.ts';
import { suggestion, UsageError } from '../usage-error.ts';

export const explain: RunCommand = async (invocation) => {
  const [id = ''] = invocation.arguments;
  const { checks } = await loadCatalogue(await readPlan(invocation));
  const check = checks.find((each) => each.id === id);
  if (check === undefined) {
    const ids = checks.map((each) => each.id);
    throw new UsageError(
      `${quoted(id)} is no check.${suggestion(nearest(id, ids))}`,
      '`seaworthy list` prints the ids of all checks.',
    );
  }
  const { pages } = await import('../../../checks/pages.ts');
  await print(check.page ?? pages[id] ?? pageOf(check));
  return 0;
};

/** A check of a plugin may have no page; its own words say what it judges. */
function pageOf({ id, title, docs, reasons }: Check): string {
  const rows = Object.entries(reasons).map(([reason, status]) => `| \`${reason}\` | ${status} |`);
  return [`# ${id}`, '', `${title}.`, '', '| reason | status |', '|---|---|', ...rows, '', docs, ''].join('\n');
}
