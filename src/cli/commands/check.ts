import { checks } from '../../../checks/index.ts';
import { run } from '../../engine/run.ts';
import { liveSource } from '../../evidence/live.ts';
import { facts } from '../../facts/index.ts';
import type { Plan } from '../../plan/settings.ts';
import { formats } from '../../report/formats/index.ts';
import { liveSystem } from '../../system/live.ts';
import { rootedSystem } from '../../system/rooted.ts';

export async function check(plan: Plan): Promise<number> {
  const tool = { name: 'seaworthy', version: SEAWORTHY_VERSION };
  const signal = AbortSignal.timeout(plan.settings.budget);
  const system = plan.settings.root === null ? liveSystem() : rootedSystem(plan.settings.root);
  const source = liveSource({ system, facts, plan, tool, signal });
  for await (const event of run({ plan, source, checks, command: 'check', tool, signal })) {
    if (event.type !== 'finished') continue;
    process.stdout.write(
      formats['json']?.render(event.report, { color: false, ascii: false, width: 80, quiet: false, verbose: false }) ??
        '',
    );
    return event.report.verdict === 'ready' ? 0 : 2;
  }
  return 3;
}
