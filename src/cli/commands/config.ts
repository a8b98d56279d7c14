import { effectiveConfiguration } from '../../plan/effective.ts';
import { loadCatalogue, requireKnownNames } from '../catalogue.ts';
import type { RunCommand } from '../commands.ts';
import { controlKeyOf } from '../peer-token.ts';
import { print } from '../print.ts';
import { readPlan } from '../read-plan.ts';
import { toldByCluster } from '../told-by-cluster.ts';

export const config: RunCommand = async (invocation) => {
  const said = await readPlan(invocation);
  const catalogue = await loadCatalogue(said);
  requireKnownNames(said, catalogue.checks);
  const peers = said.settings.kubeconfig !== null && (await controlKeyOf(said)) !== null;
  const signal = AbortSignal.timeout(said.settings.budget);
  const { plan } = await toldByCluster({ plan: said, catalogue, signal, peers, self: true });
  await print(effectiveConfiguration(plan));
  return 0;
};
