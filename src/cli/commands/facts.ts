import { loadCatalogue } from '../run/catalogue.ts';
import type { RunCommand } from '../command-line/command.ts';
import { watchEnding } from '../ending.ts';
import { machineSource, readAll } from '../run/machine-source.ts';
import { print } from '../output/print.ts';
import { readPlan } from '../command-line/read-plan.ts';
import { redactedRun } from '../run/redaction.ts';
import { toldByCluster } from '../cluster/told-by-cluster.ts';

export const facts: RunCommand = async (invocation) => {
  const said = await readPlan(invocation);
  const catalogue = await loadCatalogue(said);
  const ending = watchEnding(said.settings.budget);
  const { signal } = ending;
  const { plan, add } = await toldByCluster({ plan: said, catalogue, signal, peers: false, self: true });
  const source = add(await machineSource(plan, catalogue.facts, signal));
  await readAll(source, catalogue.facts);
  ending.settle();
  const { evidence } = await redactedRun({ settings: plan.settings, catalogue, source, report: null, files: [] });
  await print(`${JSON.stringify(evidence, null, 2)}\n`);
  return ending.exitCode() ?? 0;
};
