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
  if (!checks.some((each) => each.id === id)) {
    const ids = checks.map((each) => each.id);
    throw new UsageError(
      `${quoted(id)} is no check.${suggestion(nearest(id, ids))}`,
      '`seaworthy list` prints the ids of all checks.',
    );
  }
  await print(await pageOf(id, checks));
  return 0;
};
