import * as path from 'node:path';
import * as z from 'zod';
import { SystemError, type System } from '../system/system.ts';
import { writableByOthers } from '../system/trust.ts';
import { jsonOf } from '../values/json.ts';
import { printable } from '../values/printable.ts';
import { badKubeconfig, type Credentials, type Secrets, type Trust, bearer } from './access.ts';
import type { KubeconfigCluster, KubeconfigExec } from './kubeconfig-schema.ts';

/**
 * Programs that give credentials, as kubectl runs them:
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */

const GROUP = 'client.authentication.k8s.io/';
const VERSIONS = [`${GROUP}v1`, `${GROUP}v1beta1`];

/** Some ask a cloud over the network, and sign. Milliseconds. */
const TIME_LIMIT = 20_000;
/** A token or a certificate. Bytes. */
const LIMIT = 256 * 1024;
/** Clocks differ: what expires so soon is taken for expired. Milliseconds. */
const MARGIN = 10_000;
/** Where a cluster holds what is meant for credential programs. */
const EXTENSION = `${GROUP}exec`;

const answer = z.object({
  apiVersion: z.string(),
  kind: z.literal('ExecCredential'),
  status: z.object({
    token: z.string().nullish(),
    clientCertificateData: z.string().nullish(),
    clientKeyData: z.string().nullish(),
    expirationTimestamp: z.string().nullish(),
  }),
});

export interface ExecInput {
  /** Of the kubeconfig. */
  readonly path: string;
  readonly exec: KubeconfigExec;
  readonly cluster: KubeconfigCluster;
  readonly trust: Trust;
  /** Holds where the program gives no certificate. */
  readonly pair: Secrets;
}

/** Throws a SystemError for one that would not be run at all; it is run when it is first needed, and again when what it gave has expired. */
export function execCredentials(system: System, input: ExecInput): Credentials {
  const { apiVersion, interactiveMode } = input.exec;
  if (!VERSIONS.includes(apiVersion))
    throw badKubeconfig(
      `its credential program speaks ${printable(apiVersion)}; ${VERSIONS.join(' and ')} are spoken here`,
    );
  if (interactiveMode === 'Always')
    throw badKubeconfig(
      'its credential program has to ask somebody (interactiveMode: Always), and nobody is asked here',
    );
  let known: { readonly secrets: Secrets; readonly until: number } | null = null;
  let asking: Promise<{ readonly secrets: Secrets; readonly until: number }> | null = null;
  return async (signal, renew) => {
    if (known !== null && !renew && system.now() < known.until - MARGIN) return known.secrets;
    // Requests side by side ask once.
    asking ??= run(system, input, signal).finally(() => (asking = null));
    known = await asking;
    return known.secrets;
  };
}

async function run(system: System, input: ExecInput, signal: AbortSignal) {
  const { exec, pair } = input;
  const program = await findProgram(system, input);
  const limited = AbortSignal.any([signal, AbortSignal.timeout(TIME_LIMIT)]);
  const { exitCode, stdout } = await system.programs.run(program, exec.args ?? [], {
    signal: limited,
    limit: LIMIT,
    env: environmentFor(system, input),
  });
  // What it says may hold secrets: it is not repeated.
  const failed = (why: string) =>
    new SystemError('error', `the credential program of the kubeconfig, ${program}, ${why}`, 'exec-failed');
  if (exitCode !== 0) throw failed(`ended with exit code ${exitCode ?? 'none'}; run by hand it says why`);
  const parsed = answer.safeParse(jsonOf(stdout));
  if (!parsed.success || parsed.data.apiVersion !== exec.apiVersion) throw failed('printed no ExecCredential');
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = parsed.data.status;
  if (((cert ?? '') === '') !== ((key ?? '') === '')) throw failed('gave a certificate or a key, and not both');
  if ((token ?? '') === '' && (cert ?? '') === '') throw failed('gave no credentials');
  const until = expirationTimestamp == null ? Infinity : Date.parse(expirationTimestamp);
  return {
    secrets: {
      authorization: (token ?? '') === '' ? null : bearer(token ?? ''),
      cert: (cert ?? '') === '' ? pair.cert : (cert ?? null),
      key: (key ?? '') === '' ? pair.key : (key ?? null),
    },
    until: Number.isNaN(until) ? 0 : until,
  };
}

/** A name is looked for on PATH, and a relative path beside the kubeconfig. As root nothing is run that others could have written. */
async function findProgram(system: System, { path: kubeconfig, exec }: ExecInput): Promise<string> {
  const { command, installHint } = exec;
  const directory = path.dirname(path.resolve(kubeconfig));
  const program = command.includes('/') ? path.resolve(directory, command) : await system.programs.find(command);
  if (program === null || (await system.status(program)) === null) {
    const hint = installHint == null ? '' : `; ${printable(installHint.slice(0, 300)).trim()}`;
    throw new SystemError(
      'missing',
      `the credential program of the kubeconfig, ${printable(command)}, is not installed${hint}`,
      'exec-missing',
    );
  }
  if (system.privileged)
    for (const file of [path.resolve(kubeconfig), program]) {
      const writable = await writableByOthers(system, file, 0);
      if (writable !== null)
        throw new SystemError(
          'denied',
          `the credential program ${program} is not run as root: users other than root can write ${writable}`,
          'exec-untrusted',
        );
    }
  return program;
}

/** As kubectl gives it: the environment of the user, without what is ours, and what the kubeconfig adds. */
function environmentFor({ environment }: System, { exec, cluster, trust }: ExecInput): Record<string, string> {
  const own = Object.entries(environment).flatMap(([name, value]) =>
    value === undefined || name.startsWith('SEAWORTHY_') ? [] : [[name, value] as const],
  );
  const extension = cluster.extensions?.find(({ name }) => name === EXTENSION)?.extension;
  const told = {
    server: cluster.server,
    'tls-server-name': trust.servername ?? undefined,
    'insecure-skip-tls-verify': trust.verify ? undefined : true,
    'certificate-authority-data': trust.ca === null ? undefined : Buffer.from(trust.ca, 'latin1').toString('base64'),
    'proxy-url': cluster['proxy-url'] ?? undefined,
    config: extension,
  };
  const spec = { interactive: false, ...(exec.provideClusterInfo === true ? { cluster: told } : {}) };
  const info = { apiVersion: exec.apiVersion, kind: 'ExecCredential', spec };
  return {
    ...Object.fromEntries(own),
    ...Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value])),
    KUBERNETES_EXEC_INFO: JSON.stringify(info),
  };
}
