import { SystemError } from '../system/system.ts';

/** How the API server of a cluster is reached, and by whom. */
export interface Access {
  /** Without a path but the prefix that some proxies of API servers have. */
  readonly server: URL;
  readonly trust: Trust;
  /** Null for a direct connection. */
  readonly proxy: URL | null;
  readonly credentials: Credentials;
}

/** By what the server has to prove itself. */
export interface Trust {
  /** PEM; null for the authorities that Node knows. */
  readonly ca: string | null;
  /** False only where a kubeconfig says so. */
  readonly verify: boolean;
  /** What the certificate must name instead of the host of the server. */
  readonly servername: string | null;
}

/** What proves to the server who asks: a secret, which no message, report or saved fact ever holds. */
export interface Secrets {
  /** The header of that name. */
  readonly authorization: string | null;
  /** PEM. */
  readonly cert: string | null;
  readonly key: string | null;
}

/**
 * The secrets as they are now: a token in a file is another one every hour, and a credential program is asked again when what it gave has
 * expired, or the server refused it (`renew`). Throws a SystemError.
 */
export type Credentials = (signal: AbortSignal, renew: boolean) => Promise<Secrets>;

export const NOBODY: Secrets = { authorization: null, cert: null, key: null };

/** The user said something that cannot be: in the file, or about it. */
export function badKubeconfig(message: string): SystemError {
  return new SystemError('error', message, 'bad-kubeconfig');
}

/** A header takes no line ends and nothing beyond ASCII. */
export function bearer(token: string): string {
  if (!/^[\x21-\x7e]+$/.test(token)) throw badKubeconfig('its token is empty, or holds characters that no token has');
  return `Bearer ${token}`;
}
