import type { Report } from '../schema.ts';

/** How a report is shown; each format looks at what means something to it. */
export interface Rendering {
  /** Escape codes for colour. */
  readonly color: boolean;
  /** Only characters of ASCII. */
  readonly ascii: boolean;
  /** Columns of the terminal. */
  readonly width: number;
  /** Only what is not pass or skip, and the verdict. */
  readonly quiet: boolean;
  /** Every finding, and each port of what is measured between nodes. */
  readonly verbose: boolean;
}

/** A pure function from a report to text. */
export interface Format {
  readonly title: string;
  /** With its final newline. */
  readonly render: (report: Report, rendering: Rendering) => string;
}

export function defineFormat(format: Format): Format {
  return format;
}
