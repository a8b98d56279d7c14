import type { Plan } from '../../plan/settings.ts';
import { liveSystem } from '../../system/live.ts';
import { isRunning } from '../run/machine-system.ts';
import { naming, UsageError } from '../usage-error.ts';

const VARIABLE = 'SEAWORTHY_TOKEN';

let variable: string | undefined;

/** Takes the token out of the environment, which programs that are started and plugins can read. */
export function withholdToken(): void {
  variable = process.env[VARIABLE];
  delete process.env[VARIABLE];
}

/** The key of the control channel; null when nobody gave a token. Throws a UsageError. */
export async function controlKeyOf({ settings: { tokenFile }, origins }: Plan): Promise<Buffer | null> {
  const text = variable ?? '';
  // As everywhere: the variable counts more than a configuration, and a flag more than the variable.
  const file = text !== '' && origins.tokenFile === 'configuration' ? null : tokenFile;
  if (file === null && text === '') return null;
  const [{ controlKey }, token] = await Promise.all([
    import('../../peers/token.ts'),
    file === null ? naming(VARIABLE, parse(text)) : naming(`--token-file ${file}`, read(file)),
  ]);
  return controlKey(token);
}

/** The key for a run: needed where the user names peers; where a cluster can, its nodes are peers once there is one. Throws a UsageError. */
export async function keyOfRun(plan: Plan): Promise<Buffer | null> {
  const { peers, kubeconfig } = plan.settings;
  if (peers.length > 0) return keyForPeers(plan);
  return kubeconfig !== null && (await isRunning(plan.settings)) ? controlKeyOf(plan) : null;
}

/** The key that a pasted token makes. Throws a sentence. */
export async function keyOfToken(text: string): Promise<Buffer> {
  const [{ controlKey }, token] = await Promise.all([import('../../peers/token.ts'), naming('token', parse(text))]);
  return controlKey(token);
}

async function parse(text: string): Promise<Buffer> {
  return (await import('../../peers/token.ts')).parseToken(text);
}

async function read(file: string): Promise<Buffer> {
  return (await import('../../peers/token-file.ts')).readTokenFile(liveSystem(), file);
}

/** The key of the control channel for a run that names peers. Throws a UsageError, with the lines to paste, when nobody gave a token. */
export async function keyForPeers(plan: Plan): Promise<Buffer> {
  const key = await controlKeyOf(plan);
  if (key !== null) return key;
  const { peers, kubeconfig } = plan.settings;
  const asked = peers.length === 0 && kubeconfig !== null ? 'mesh --kubeconfig' : '--peer';
  throw new UsageError(
    `${asked} needs the token that all machines of a run share: --token-file FILE, or the variable SEAWORTHY_TOKEN.`,
    'Once, on one machine:   (umask 077 && seaworthy token > seaworthy.token), and copy the file to the others.',
    'On each peer:           seaworthy listen --token-file seaworthy.token',
    'Here:                   the same command again, with --token-file seaworthy.token',
  );
}
