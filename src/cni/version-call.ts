import * as z from 'zod';
import { CURRENT_VERSION } from '../kubernetes/cni/version.ts';
import type { Programs, RunResult } from '../system/programs.ts';
import { SystemError } from '../system/system.ts';

/** How a plugin answered VERSION. */
export type VersionAnswer =
  | { readonly kind: 'supports'; readonly versions: readonly string[] }
  | { readonly kind: 'timed-out' }
  /** The file is being written at this moment. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'denied' }
  | { readonly kind: 'cannot-start'; readonly detail: string }
  | { readonly kind: 'bad-answer'; readonly detail: string };

const LIMIT = 64 * 1024;

/** All six parameters are always given; `dummy` satisfies plugins that are older than VERSION and check them first. */
const PARAMETERS = {
  CNI_COMMAND: 'VERSION',
  CNI_CONTAINERID: '',
  CNI_NETNS: 'dummy',
  CNI_IFNAME: 'dummy',
  CNI_ARGS: '',
  CNI_PATH: 'dummy',
} as const;

/** Asks a plugin which versions of the specification it speaks. It changes nothing: https://www.cni.dev/docs/spec/#version-probe-plugin-version-support */
export async function askVersion(programs: Programs, path: string, signal: AbortSignal): Promise<VersionAnswer> {
  try {
    const stdin = JSON.stringify({ cniVersion: CURRENT_VERSION });
    return decodeVersion(await programs.run(path, [], { stdin, env: PARAMETERS, signal, limit: LIMIT }));
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    if (error.why === 'timeout') return { kind: 'timed-out' };
    if (error.code === 'ETXTBSY') return { kind: 'busy' };
    if (error.why === 'denied') return { kind: 'denied' };
    return { kind: error.code === null ? 'bad-answer' : 'cannot-start', detail: error.message };
  }
}

const answerSchema = () =>
  z.object({ cniVersion: z.string(), supportedVersions: z.array(z.string().max(64)).max(64).optional() });

const errorSchema = () => z.object({ code: z.number(), msg: z.string() });

export function decodeVersion({ exitCode, killedBy, stdout, stderr }: RunResult): VersionAnswer {
  if (killedBy !== null) return bad(`it was ended by ${killedBy}`);
  const json = parseJson(stdout);
  if (exitCode !== 0) {
    const error = errorSchema().safeParse(json);
    const said = error.success ? error.data.msg : (stdout.trim() || stderr.trim()).slice(0, 200);
    // The specification has no code for it: the text is all that these plugins ever gave, and what libcni goes by.
    if (said === 'unknown CNI_COMMAND: VERSION') return { kind: 'supports', versions: ['0.1.0'] };
    return bad(`it ended with ${exitCode}${said === '' ? '' : `: ${said.slice(0, 200)}`}`);
  }
  if (stdout.trim() === '') return bad('it printed nothing');
  const answer = answerSchema().safeParse(json);
  if (!answer.success) return bad('what it printed is no answer to VERSION');
  const { cniVersion, supportedVersions } = answer.data;
  if (supportedVersions !== undefined && supportedVersions.length > 0)
    return { kind: 'supports', versions: supportedVersions };
  // A plugin of 0.2.0 had no list yet.
  return cniVersion === '0.2.0'
    ? { kind: 'supports', versions: ['0.1.0', '0.2.0'] }
    : bad('its answer lists no supported versions');
}

function bad(detail: string): VersionAnswer {
  return { kind: 'bad-answer', detail };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
