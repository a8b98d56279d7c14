import type { CheckReport, Finding, Report } from '../report/schema.ts';
import { STATUSES, worst } from '../values/status.ts';
import { markup, type Markup } from './html.ts';
import { mark } from './mark.ts';

/** So many findings of a check are listed; a mesh has thousands. */
const LISTED = 30;

/** Every check with what it found, by category: folded, since what is wrong stands above. */
export function categories({ checks }: Report): Markup[] {
  return [...Map.groupBy(checks, ({ category }) => category)].map(([category, members]) => {
    const counts = STATUSES.flatMap((status) => {
      const count = members.filter((check) => check.status === status).length;
      return count === 0 ? [] : [`${count} ${status}`];
    });
    return markup`<details><summary>${mark(worst(members.map(({ status }) => status)))} <b>${category}</b> <span class="quiet">${counts.join(', ')}</span></summary>
<ul class="checks">${members.map(checkItem)}</ul></details>
`;
  });
}

function checkItem({ id, title, status, findings }: CheckReport): Markup {
  const more = findings.length - LISTED;
  return markup`<li>${mark(status)} <b>${id}</b> <span class="quiet">${title}</span>
<ul>${findings.slice(0, LISTED).map(findingItem)}${more > 0 ? markup`<li>and ${more} more, all in report.json</li>` : ''}</ul></li>
`;
}

function findingItem({ status, subject, reason, message, nodes }: Finding): Markup {
  return markup`<li>${mark(status)} <code>${subject}</code> ${reason} (${nodes.join(', ')}): ${message}</li>`;
}
