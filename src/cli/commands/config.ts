import { effectiveConfiguration } from '../../plan/effective.ts';
import { loadCatalogue, requireKnownNames } from '../run/catalogue.ts';
import { redactedConfiguration } from '../run/redaction.ts';
import type { RunCommand } from '../command-line/command.ts';
import { controlKeyOf } from '../peers/peer-token.ts';
import { complain, print } from '../output/print.ts';
import { readPlan } from '../command-line/read-plan.ts';
import { toldByCluster } from '../cluster/told-by-cluster.ts';

export const config: RunCommand = async (invocation) => {
  const said = await readPlan(invocation);
  const catalogue = await loadCatalogue(said);
  requireKnownNames(said, catalogue.checks);
  const peers = said.settings.kubeconfig !== null && (await controlKeyOf(said)) !== null;
  const signal = AbortSignal.timeout(said.settings.budget);
  const { plan, unread } = await toldByCluster({ plan: said, catalogue, signal, peers, self: true });
  if (unread !== null) complain(`seaworthy: the nodes of the cluster could not be read: ${unread}`);
  await print(await redactedConfiguration(effectiveConfiguration(plan), plan.settings, catalogue));
  return 0;
};
