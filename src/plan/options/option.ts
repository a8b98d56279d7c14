import type { Settings } from '../settings.ts';

export type CommandName =
  | 'check'
  | 'listen'
  | 'mesh'
  | 'serve'
  | 'facts'
  | 'compare'
  | 'diff'
  | 'config'
  | 'list'
  | 'explain'
  | 'schema'
  | 'token'
  | 'completion';

/** A value as seaworthy.yaml writes it; null when there is nothing to write. */
export type Written = string | number | boolean | readonly string[] | null;

/** One thing that a user can say, in all the places where it can be said. */
export interface Option {
  /** Without dashes: `node-port-range` is --node-port-range, SEAWORTHY_NODE_PORT_RANGE and nodePortRange. */
  readonly name: string;
  readonly short: string | null;
  /** The setting that it sets. */
  readonly setting: keyof Settings;
  /** What stands for the value in help, in brackets where none need follow; null for a switch, which takes none. */
  readonly hint: string | null;
  /** `values` may also be separated by commas; `paths` only in the environment. */
  readonly repeatable: false | 'values' | 'paths';
  readonly allowed: readonly string[] | null;
  /** What it means on the command line where no allowed value follows; null where one has to. */
  readonly alone: string | null;
  readonly help: string;
  readonly commands: readonly CommandName[];
  /** Where it can be said. */
  readonly sources: readonly OptionSource[];
  /** One text for each value that was given; throws a BadValue. */
  readonly parse: (texts: readonly string[]) => Partial<Settings>;
  /** What it tells of other settings, weaker than what is said of them. */
  readonly implies: ((texts: readonly string[]) => Partial<Settings>) | null;
  /** Its value appears in no message. */
  readonly secret: boolean;
  /** Back from the settings, so that `parse` gives the same. */
  readonly write: (settings: Settings) => Written;
}

type OptionSource = 'flag' | 'environment' | 'configuration';

export function flagName({ name }: Option): string {
  return `--${name}`;
}

export function variableName({ name }: Option): string {
  return `SEAWORTHY_${name.toUpperCase().replaceAll('-', '_')}`;
}

export function configurationKey({ name }: Option): string {
  return name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
