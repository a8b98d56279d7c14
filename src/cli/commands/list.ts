import type { Check } from '../../engine/check.ts';
import { loadCatalogue } from '../run/catalogue.ts';
import type { RunCommand } from '../command-line/command.ts';
import { print } from '../output/print.ts';
import { readPlan } from '../command-line/read-plan.ts';

export const list: RunCommand = async (invocation) => {
  const plan = await readPlan(invocation);
  const { checks } = await loadCatalogue(plan);
  const json = plan.settings.output.some(({ format, file }) => format === 'json' && file === null);
  await print(json ? `${JSON.stringify(checks.map(entry), null, 2)}\n` : table(checks));
  return 0;
};

function entry({ id, title, docs, stages, roles, kubeadm, reasons }: Check): Record<string, unknown> {
  return { id, title, docs, stages, ...(roles === undefined ? {} : { roles }), kubeadm, reasons };
}

/** A line for each check, and its kubeadm names below it. */
function table(checks: readonly Check[]): string {
  const idWidth = Math.max(...checks.map(({ id }) => id.length));
  const titleWidth = Math.max(...checks.map(({ title }) => title.length));
  const lines = checks.flatMap(({ id, title, stages, kubeadm }) => [
    `${id.padEnd(idWidth)}  ${title.padEnd(titleWidth)}  ${stages.join(', ')}`,
    ...(kubeadm.length === 0 ? [] : [`${' '.repeat(idWidth)}  kubeadm: ${kubeadm.join(', ')}`]),
  ]);
  return `${lines.join('\n')}\n`;
}
