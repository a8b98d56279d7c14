import type { Rendering } from '../formats/define-format.ts';
import type { Difference } from './difference.ts';
import { diffMarkdown } from './markdown.ts';
import { diffText } from './text.ts';

type Render = (difference: Difference, rendering: Rendering) => string;

/** How a difference is printed, by the names that a report's formats have. */
export const diffFormats: Readonly<Record<string, { readonly render: Render }>> = {
  text: { render: diffText },
  json: { render: (difference) => `${JSON.stringify(difference, null, 2)}\n` },
  markdown: { render: diffMarkdown },
};
