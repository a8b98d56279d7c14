import type { System } from '../system/system.ts';
import { isPem } from '../values/pem.ts';
import { badKubeconfig, bearer, NOBODY, type Credentials, type Secrets, type Trust } from './access.ts';
import { execCredentials } from './exec-plugin.ts';
import { besideKubeconfig, readSecret } from './kubeconfig-files.ts';
import type { KubeconfigCluster, KubeconfigUser } from './kubeconfig-schema.ts';

export interface UserInput {
  /** Of the kubeconfig. */
  readonly path: string;
  readonly user: KubeconfigUser;
  readonly cluster: KubeconfigCluster;
  readonly trust: Trust;
}

/** By what a user of a kubeconfig proves who it is. Files that do not change are read now. Throws a SystemError. */
export async function credentialsOf(system: System, input: UserInput): Promise<Credentials> {
  const { path, user } = input;
  if (user['auth-provider'] != null)
    throw badKubeconfig(
      'its user has an auth-provider, which Kubernetes 1.26 removed; a credential program (exec) is what replaced it',
    );
  // Asked as the user itself, the API would tell what that other one may not see.
  if ((user.as ?? '') !== '')
    throw badKubeconfig('its user acts as another one (as), which is not done here; name one that may read the nodes');
  const pair = await clientCertificate(system, input);
  const token = user.token ?? '';
  const tokenFile = user.tokenFile ?? '';
  const { exec } = user;
  if (exec != null) {
    if (token + tokenFile + (user.username ?? '') !== '')
      throw badKubeconfig('its user has a credential program (exec) and a token or a password; one of them is allowed');
    return execCredentials(system, { ...input, exec, pair });
  }
  // The file counts more: what it holds is renewed.
  if (tokenFile !== '') return tokenOfFile(system, besideKubeconfig(path, tokenFile), pair);
  const authorization = token === '' ? basic(user) : bearer(token);
  return () => Promise.resolve({ ...pair, authorization });
}

/** A token that is renewed in its file: that of a service account is another one every hour or so. */
export function tokenOfFile(system: System, file: string, pair: Secrets = NOBODY): Credentials {
  return async () => ({ ...pair, authorization: bearer((await readSecret(system, file)).trim()) });
}

function basic({ username, password }: KubeconfigUser): string | null {
  if ((username ?? '') === '') return null;
  return `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`;
}

async function clientCertificate(system: System, { path, user }: UserInput): Promise<Secrets> {
  const read = async (data: string | null | undefined, file: string | null | undefined) => {
    if (data != null && data !== '') return Buffer.from(data, 'base64').toString('latin1');
    return file == null || file === '' ? null : readSecret(system, besideKubeconfig(path, file));
  };
  const [cert, key] = await Promise.all([
    read(user['client-certificate-data'], user['client-certificate']),
    read(user['client-key-data'], user['client-key']),
  ]);
  if ((cert === null) !== (key === null))
    throw badKubeconfig('its user has a client certificate or a key, and not the other of the two');
  if (cert === null || key === null) return NOBODY;
  if (!isPem(cert, 'CERTIFICATE')) throw badKubeconfig('its client certificate is none in PEM form');
  if (!isPem(key, 'PRIVATE KEY')) throw badKubeconfig('its client key is none in PEM form');
  return { authorization: null, cert, key };
}
