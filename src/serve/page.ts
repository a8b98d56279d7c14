import { createHash } from 'node:crypto';
import type { Report } from '../report/schema.ts';
import { groupsOf } from '../report/text/blocks.ts';
import { glyph } from '../report/text/theme.ts';
import { counts, covers } from '../report/text/verdict.ts';
import { STATUSES, type Status, type Verdict } from '../values/status.ts';
import { ago } from './ago.ts';
import type { Health } from './health.ts';
import { markup, Markup } from './html.ts';
import { categories } from './page-checks.ts';
import { faults } from './page-faults.ts';
import { STYLE } from './page-style.ts';
import type { Runs } from './runs.ts';

/** Nothing is loaded, nothing runs, and no other page may frame this one. */
export const CONTENT_SECURITY_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const VERDICTS: Readonly<Record<Verdict, { readonly word: string; readonly status: Status }>> = {
  ready: { word: 'READY', status: 'pass' },
  'not-ready': { word: 'NOT READY', status: 'fail' },
  unknown: { word: 'UNKNOWN', status: 'unknown' },
};

export interface Page {
  /** What changes from one answer to the next, and comes first. */
  readonly before: (health: Health, runs: Runs) => string;
  readonly report: () => string;
}

/** The report as one document for a person. */
export function pageOf(report: Report): Page {
  const { verdict, nodes, run } = report;
  const { word, status } = VERDICTS[verdict];
  const name = (nodes.find(({ self }) => self) ?? nodes[0])?.name ?? '';
  return {
    before: ({ outdated, why: [first = ''] }, { age }) =>
      markup`${head(`${name}: ${word.toLowerCase()}`)}
<header>
<p class="verdict ${status}"><span aria-hidden="true">${glyph(status, false)}</span> ${word}</p>
<h1>${name}</h1>
<p>${counts(report)}</p>
<p class="quiet">Covers ${covers(report)}.</p>
<p class="quiet">The last run ended ${ago(age)}; it began at <time datetime="${run.startedAt}">${run.startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}</time> and took ${(run.durationMs / 1_000).toFixed(2)} s.</p>
${outdated ? markup`<p class="notice"><b>This is not what is now:</b> ${first}.</p>` : ''}
</header>
`.text,
    report: () => body(report).text,
  };
}

/** While there is none; it asks again by itself. */
export function waitingPage({ why: [first = ''] }: Health): string {
  return markup`${head('no report yet', new Markup('<meta http-equiv="refresh" content="2" />'))}
<h1>seaworthy</h1>
<p>There is no report yet: ${first}. This page looks again every 2 seconds.</p>
</body></html>
`.text;
}

function head(title: string, more = new Markup('')): Markup {
  return markup`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8" /><meta name="viewport" content="width=device-width, initial-scale=1" />${more}
<title>${title} - seaworthy</title><style>${new Markup(STYLE)}</style></head><body>`;
}

function body(report: Report): Markup {
  const groups = groupsOf(report, ['fail', 'unknown', 'warn'], true);
  return markup`<main>
<h2>What is wrong</h2>
${groups.length === 0 ? markup`<p>Nothing that was judged.</p>` : faults(groups, report)}
<h2>All checks</h2>
${categories(report)}
<h2>${report.nodes.length === 1 ? 'The machine' : 'The machines'}</h2>
${machines(report)}
</main>
<footer><p>The same for programs: <a href="/report.json">report.json</a>, <a href="/metrics">metrics</a>, <a href="/healthz">healthz</a>.</p>
<p>seaworthy ${report.tool.version}, run ${report.run.id}. Glyphs: ${STATUSES.map((status) => `${glyph(status, false)} ${status}`).join(', ')}.</p></footer>
</body></html>
`;
}

function machines({ nodes }: Report): Markup {
  const rows = nodes.map(
    ({
      name,
      addresses,
      roles,
      stage,
      kubernetesVersion,
    }) => markup`<tr><td>${name}</td><td>${addresses.join(', ')}</td><td>${roles.join(', ')}</td><td>${stage}</td><td>${kubernetesVersion}</td></tr>
`,
  );
  return markup`<div class="table"><table><thead><tr><th scope="col">name</th><th scope="col">addresses</th><th scope="col">roles</th><th scope="col">stage</th><th scope="col">Kubernetes</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}
