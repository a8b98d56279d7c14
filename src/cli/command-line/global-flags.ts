export interface GlobalFlag {
  readonly name: 'help' | 'licenses' | 'version';
  readonly short: string | null;
  readonly help: string;
}

/** Flags that stand with every command and with none, and run neither. */
export const GLOBAL_FLAGS: readonly GlobalFlag[] = [
  { name: 'help', short: 'h', help: 'this text, of the program or of a command' },
  { name: 'licenses', short: null, help: 'the licences of all that is inside the program' },
  { name: 'version', short: null, help: 'the version of seaworthy' },
];

/** As they are written, the short form first. */
export function writtenFlag({ name, short }: GlobalFlag): string {
  return short === null ? `--${name}` : `-${short}, --${name}`;
}
