import { glyph } from '../report/text/theme.ts';
import type { Status } from '../values/status.ts';
import { markup, type Markup } from './html.ts';

/** A status as shape, word and colour. */
export function mark(status: Status): Markup {
  return markup`<span class="status ${status}"><span aria-hidden="true">${glyph(status, false)}</span> ${status}</span>`;
}
