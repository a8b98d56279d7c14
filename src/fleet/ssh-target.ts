/** Where a node is reached, and as whom; what is null is as the user's own configuration of ssh has it. */
export interface SshTarget {
  /** A name, or an alias of the user's own configuration. */
  readonly host: string;
  readonly port: number | null;
  readonly user: string | null;
  readonly keyFile: string | null;
  /** Further arguments of ssh. */
  readonly args: readonly string[];
  /** The user there becomes root by sudo, without being asked. */
  readonly becomesRoot: boolean;
}

/** The arguments that name it. */
export function sshArguments({ host, port, user, keyFile, args }: SshTarget): string[] {
  return [
    ...args,
    ...(port === null ? [] : ['-p', String(port)]),
    ...(user === null ? [] : ['-l', user]),
    ...(keyFile === null ? [] : ['-i', keyFile]),
    '--',
    host,
  ];
}
