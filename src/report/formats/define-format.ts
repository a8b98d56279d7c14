import type { Report } from '../schema.ts';

/** How a report is shown; only formats made for people look at it. */
export interface Rendering {
  /** Escape codes for colour. */
  readonly color: boolean;
  /** Only characters of ASCII. */
  readonly ascii: boolean;
  /** Columns of the terminal. */
  readonly width: number;
  /** Only what is not pass or skip, and the verdict. */
  readonly quiet: boolean;
  /** Every finding. */
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
