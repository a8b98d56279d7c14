import type { Plan } from '../../plan/settings.ts';
import { liveSystem } from '../../system/live.ts';
import { loadCatalogue, requireKnownNames, requireSelection, type Catalogue } from '../run/catalogue.ts';
import { checkSource } from '../run/check-source.ts';
import type { RunCommand } from '../command-line/command.ts';
import { requireRunning } from '../run/machine-system.ts';
import { keyOfRun } from '../peers/peer-token.ts';
import { readPlan } from '../command-line/read-plan.ts';
import { reportRun } from '../run/report-run.ts';
import { undoAbandoned } from '../peers/undo-abandoned.ts';

export const check: RunCommand = async (invocation) => checkBy(await readPlan(invocation));

/** Runs what the plan says, and prints the report. */
export async function checkBy(plan: Plan): Promise<number> {
  const { catalogue, psk } = await prepare(plan);
  return reportRun({
    command: 'check',
    plan,
    catalogue,
    open: ({ signal }) => checkSource({ plan, catalogue, psk, signal, sessions: null, own: null }),
  });
}

/** What a run by this plan needs. Throws a UsageError for a plan by which there can be none. */
export async function prepare(plan: Plan): Promise<{ readonly catalogue: Catalogue; readonly psk: Buffer | null }> {
  const catalogue = await loadCatalogue(plan);
  requireKnownNames(plan, catalogue.checks);
  requireSelection(plan, catalogue.checks);
  const { peers, root, facts: files } = plan.settings;
  if (peers.length > 0) await requireRunning(plan.settings, '--peer');
  const psk = await keyOfRun(plan);
  if (root === null && files.length === 0) await undoAbandoned(liveSystem());
  return { catalogue, psk };
}
