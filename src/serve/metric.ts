import { printable } from '../values/printable.ts';

type Value = number | string;

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: Value;
}

/** Lines of one metric: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export function metric(
  name: string,
  type: 'gauge' | 'counter',
  help: string,
  value: Value | readonly Sample[],
): string[] {
  const full = `seaworthy_${name}`;
  const samples = typeof value === 'object' ? value : [{ labels: {}, value }];
  return [
    `# HELP ${full} ${help}`,
    `# TYPE ${full} ${type}`,
    ...samples.map((each) => `${full}${labelsOf(each)} ${each.value}`),
  ];
}

function labelsOf({ labels }: Sample): string {
  const written = Object.entries(labels).map(
    ([name, text]) => `${name}="${printable(text).replaceAll(/[\\"]/g, '\\$&')}"`,
  );
  return written.length === 0 ? '' : `{${written.join(',')}}`;
}
