import { SystemError } from '../system/system.ts';
import { notRun, outOfTime } from './call-plugin.ts';
import type { Chain, Running } from './running.ts';
import { chainPrograms } from './chain-programs.ts';
import { failed, type Failed, type PluginFailure } from './plugin-failure.ts';
import { pluginPath } from './plugin-path.ts';
import { askVersion, type VersionAnswer } from './version-call.ts';

/**
 * Before a chain is run: every program of it is there, may be run, and speaks its version; nothing is changed. libcni looks at the plugins
 * alone; what gives addresses gets the same version, and is asked too.
 */
export async function validateChain({ network, binDirs }: Chain, running: Running): Promise<readonly PluginFailure[]> {
  const failures: PluginFailure[] = [];
  for (const [type, role] of chainPrograms(network.plugins)) {
    if (role === 'delegate') continue;
    const problem = await validate(type, network.version, binDirs, running);
    if (problem !== null) failures.push(problem.failure);
  }
  return failures;
}

async function validate(
  type: string,
  version: string,
  binDirs: readonly string[],
  { programs, system, signal, timeoutMs }: Running,
): Promise<Failed | null> {
  try {
    const path = await pluginPath(system, binDirs, type);
    if (!path.ok) return path;
    const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const answer = await askVersion(programs, path.value, limited);
    return answer.kind === 'timed-out' ? outOfTime(type, signal, timeoutMs) : judge(type, version, answer);
  } catch (error) {
    if (error instanceof SystemError) return notRun(type, error, signal, timeoutMs);
    throw error;
  }
}

function judge(type: string, version: string, answer: Exclude<VersionAnswer, { kind: 'timed-out' }>): Failed | null {
  // Exact: a plugin of 1.0.0 does not speak 0.4.0 unless it says so.
  if (answer.kind === 'supports')
    return answer.versions.includes(version)
      ? null
      : failed(type, 'other-version', `it speaks ${answer.versions.join(', ')}, and the network is of ${version}`);
  if (answer.kind === 'bad-answer') return failed(type, 'junk', answer.detail);
  if (answer.kind === 'busy') return failed(type, 'cannot-start', 'its file is being written');
  return failed(type, 'cannot-start', answer.kind === 'denied' ? 'permission denied' : answer.detail);
}
