import type { Finding } from '../../report/schema.ts';
import type { CheckState } from './state.ts';

/** Whether every word of a filter is somewhere in a finding. */
export function matches(filter: string, finding: Finding): boolean {
  if (filter === '') return true;
  const { check, nodes, subject, status, reason, message, kubeadm = '' } = finding;
  return contains([check, ...nodes, subject, status, reason, message, kubeadm].join(' '), filter);
}

export function checkMatches(filter: string, { id, title, report }: CheckState): boolean {
  if (filter === '' || contains(`${id} ${title}`, filter)) return true;
  return report?.findings.some((finding) => matches(filter, finding)) ?? false;
}

function contains(text: string, filter: string): boolean {
  const all = text.toLowerCase();
  return filter
    .toLowerCase()
    .split(' ')
    .every((word) => all.includes(word));
}
