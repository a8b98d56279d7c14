import type { Finding } from '../schema.ts';
import type { Layout } from './layout.ts';

/** Columns before the lines of a block that follow its title. */
export const INDENT = 4;
/** Where what stands behind a label begins. */
const COLUMN = 14;

/** The lines of a block below its title. */
export interface Labels {
  readonly sentence: (text: string | undefined) => string[];
  /** Nothing, where there is nothing to say. */
  readonly label: (name: string, text: string | undefined) => string[];
  readonly commands: (commands: readonly string[]) => string[];
}

export function labelsOf(layout: Layout): Labels {
  return {
    sentence: (text) => (text === undefined ? [] : layout.paragraph([text], { indent: INDENT })),
    label: (name, text) => {
      if (text === undefined || text === '') return [];
      const gap = ' '.repeat(Math.max(1, COLUMN - INDENT - name.length));
      return layout.paragraph([{ text: name, tone: 'quiet' }, `${gap}${text}`], { indent: INDENT, hanging: COLUMN });
    },
    commands: (commands) => commands.flatMap((command) => layout.command(command, COLUMN)),
  };
}

/** What made a warning of a fail. */
export function softening({ because, waiver }: Finding): string | undefined {
  if (because === undefined) return undefined;
  if (because === 'role-any') return 'it fails on a node of that role; say --role to have it judged';
  if (because === 'ignore-preflight-errors') return 'it fails, and --ignore-preflight-errors allows it';
  const until = (waiver?.until ?? null) === null ? '' : ` until ${waiver?.until}`;
  return `it fails, and a waiver allows it${until}${waiver === undefined ? '' : `: ${waiver.why}`}`;
}
