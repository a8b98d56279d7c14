import { DIRECTORY } from '../../pods/undo/journal-directory.ts';
import { SystemError, type System } from '../../system/system.ts';
import { complain } from '../output/print.ts';

/** Undoes what runs with pods left behind that were killed, and their guardians with them. Nothing of it is loaded where nothing was left. */
export async function undoAbandoned(system: System): Promise<void> {
  if (!system.privileged || (await system.status(DIRECTORY)) === null) return;
  const [{ abandonedJournals }, { recover }] = await Promise.all([
    import('../../pods/undo/journal.ts'),
    import('../../pods/undo/recover.ts'),
  ]);
  try {
    const journals = await abandonedJournals(system);
    for (const journal of journals) await recover(journal, system);
    if (journals.length > 0)
      complain('seaworthy: a run with pods was killed here before; what it had made and switched on was put back.');
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    complain(`seaworthy: what an earlier run made for its pods could not be undone: ${error.message}`);
  }
}
