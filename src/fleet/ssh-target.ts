/** Where a node is reached, and as whom; what is null is as the user's own configuration of ssh has it. */
export interface SshTarget {
  /** A name, or an alias of the user's own configuration. */
  readonly host: string;
  readonly port: number | null;
  readonly user: string | null;
  readonly keyFile: string | null;
  /** Further arguments of ssh, as an inventory has them. */
  readonly args: readonly string[];
  /** The user there becomes root by sudo, without being asked. */
  readonly becomesRoot: boolean;
}

/** All arguments that lead there. */
export function sshArguments(target: SshTarget): string[] {
  return [...target.args, ...shownArguments(target)];
}

/** Those that may be shown to anybody: further ones may hold a password, as of a ProxyCommand. */
export function shownArguments({ host, port, user, keyFile }: SshTarget): string[] {
  return [
    ...(port === null ? [] : ['-p', String(port)]),
    ...(user === null ? [] : ['-l', user]),
    ...(keyFile === null ? [] : ['-i', keyFile]),
    '--',
    host,
  ];
}
