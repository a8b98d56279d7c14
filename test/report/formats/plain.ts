import type { Rendering } from '../../../src/report/formats/define-format.ts';

/** As into a file. */
export const PLAIN: Rendering = { color: false, ascii: false, width: 80, quiet: false, verbose: false };
