import type { Check } from '../../engine/check.ts';
import { categoryOf } from '../../engine/selection.ts';
import { quoted } from '../../plan/errors.ts';
import { nearest } from '../../values/nearest.ts';
import { loadCatalogue } from '../run/catalogue.ts';
import { pageOf } from '../run/check-page.ts';
import type { RunCommand } from '../command-line/command.ts';
import { print } from '../output/print.ts';
import { readPlan } from '../command-line/read-plan.ts';
import { suggestion, UsageError } from '../usage-error.ts';

export const explain: RunCommand = async (invocation) => {
  const [id = ''] = invocation.arguments;
  const { checks } = await loadCatalogue(await readPlan(invocation));
  const inCategory = checks.filter((each) => categoryOf(each.id) === id);
  if (inCategory.length > 0) {
    await print(categoryText(id, inCategory));
    return 0;
  }
  if (!checks.some((each) => each.id === id)) {
    const names = checks.flatMap((each) => [categoryOf(each.id), each.id]);
    throw new UsageError(
      `${quoted(id)} is no check and no category.${suggestion(nearest(id, names))}`,
      '`seaworthy list` prints the ids of all checks.',
    );
  }
  await print(await pageOf(id, checks));
  return 0;
};

/** A line for each check, and how to come to the page of one. */
function categoryText(category: string, checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ id }) => id.length));
  const lines = checks.map(({ id, title }) => `${id.padEnd(width)}  ${title}`);
  return [
    `Checks of ${category}:`,
    '',
    ...lines,
    '',
    `seaworthy explain ${checks[0]?.id} prints the page of one.`,
    '',
  ].join('\n');
}
