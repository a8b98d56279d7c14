import type { FactTable } from '../evidence/facts.ts';
import { EVIDENCE_LIMIT, parseEvidence, savedSource } from '../evidence/saved.ts';
import type { Source } from '../evidence/source.ts';
import { liveSystem } from '../system/live.ts';
import { naming } from './usage-error.ts';

/** The machines whose facts are in these files. */
export async function savedFiles(paths: readonly string[], facts: FactTable): Promise<Source> {
  const system = liveSystem();
  const documents = await Promise.all(
    paths.map(async (path) => parseEvidence(await naming('saved facts', system.readText(path, EVIDENCE_LIMIT)), path)),
  );
  return savedSource(documents, facts);
}
