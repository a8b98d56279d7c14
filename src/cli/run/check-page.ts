import type { Check } from '../../engine/check.ts';

/** The page of a check, as Markdown. A check of a plugin may have none; then its own words say what it judges. */
export async function pageOf(id: string, checks: readonly Check[]): Promise<string> {
  const check = checks.find((each) => each.id === id);
  if (check === undefined) return '';
  const { pages } = await import('../../../checks/pages.ts');
  return check.page ?? pages[id] ?? ownWords(check);
}

function ownWords({ id, title, docs, reasons }: Check): string {
  const rows = Object.entries(reasons).map(([reason, status]) => `| \`${reason}\` | ${status} |`);
  return [`# ${id}`, '', `${title}.`, '', '| reason | status |', '|---|---|', ...rows, '', docs, ''].join('\n');
}
