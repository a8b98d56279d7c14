import type { FactTable } from '../../evidence/facts.ts';
import { savedSource } from '../../evidence/saved.ts';
import { EVIDENCE_LIMIT, parseEvidence } from '../../evidence/saved-file.ts';
import type { Source } from '../../evidence/source.ts';
import { liveSystem } from '../../system/live.ts';
import { naming } from '../usage-error.ts';

/** The machines whose facts are in these files; `named` is what the user calls them, for a file that cannot be read. */
export async function savedFiles(named: string, paths: readonly string[], facts: FactTable): Promise<Source> {
  const system = liveSystem();
  const documents = await Promise.all(
    paths.map(async (path) => parseEvidence(await naming(named, system.readText(path, EVIDENCE_LIMIT)), path)),
  );
  return savedSource(documents, facts);
}
