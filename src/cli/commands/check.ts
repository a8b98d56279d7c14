import { podsAsked } from '../../plan/pods-asked.ts';
import type { Plan } from '../../plan/settings.ts';
import { liveSystem } from '../../system/live.ts';
import { loadCatalogue, requireKnownNames, requireSelection, type Catalogue } from '../catalogue.ts';
import type { RunCommand } from '../commands.ts';
import type { RunEnding } from '../ending.ts';
import { machineSource } from '../machine-source.ts';
import { keyForPeers } from '../peer-token.ts';
import type { Meetings } from '../peers-source.ts';
import { readPlan } from '../read-plan.ts';
import { reportRun, type OpenedSource } from '../report-run.ts';
import { undoAbandoned } from '../undo-abandoned.ts';
import { UsageError } from '../usage-error.ts';

export const check: RunCommand = async (invocation) => checkBy(await readPlan(invocation));

/** Runs what the plan says, and prints the report. */
export async function checkBy(plan: Plan): Promise<number> {
  const { catalogue, psk } = await prepare(plan);
  return reportRun({
    command: 'check',
    plan,
    catalogue,
    open: (ending) => sourceOf(plan, catalogue, ending, psk),
  });
}

/** What a run by this plan needs. Throws a UsageError for a plan by which there can be none. */
export async function prepare(plan: Plan): Promise<{ readonly catalogue: Catalogue; readonly psk: Buffer | null }> {
  const catalogue = await loadCatalogue(plan);
  requireKnownNames(plan, catalogue.checks);
  requireSelection(plan, catalogue.checks);
  const { peers, root, facts: files } = plan.settings;
  if (peers.length > 0 && (root !== null || files.length > 0))
    throw new UsageError(
      `--peer: packets go between running machines, not with ${root === null ? '--facts' : '--root'}.`,
    );
  const psk = peers.length === 0 ? null : await keyForPeers(plan);
  if (root === null && files.length === 0) await undoAbandoned(liveSystem());
  return { catalogue, psk };
}

/** @param meetings Connections to peers that are kept from run to run. */
export async function sourceOf(
  plan: Plan,
  catalogue: Catalogue,
  { signal }: Pick<RunEnding, 'signal'>,
  psk: Buffer | null,
  meetings?: Meetings,
): Promise<OpenedSource> {
  const nothing = () => Promise.resolve();
  const { facts, root } = plan.settings;
  // Pods are machines of a run too, also where no other machine takes part.
  if (psk !== null || (podsAsked(plan.settings).length > 0 && facts.length === 0 && root === null)) {
    const { peersSource } = await import('../peers-source.ts');
    return peersSource({ plan, catalogue, psk, signal, self: true, ...(meetings === undefined ? {} : { meetings }) });
  }
  if (facts.length === 0) return { source: machineSource(plan, catalogue.facts, signal), close: nothing };
  const { savedFiles } = await import('../saved-files.ts');
  return { source: await savedFiles('--facts', facts, catalogue.facts), close: nothing };
}
