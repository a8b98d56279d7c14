import type { Settings } from '../../plan/settings.ts';
import type { Finding, Report } from '../../report/schema.ts';
import type { Evidence } from '../schema.ts';
import { filesOf, namesIn, type Named } from './names.ts';
import { pseudonymsOf, type Pseudonyms } from './pseudonyms.ts';

/** Names, addresses and identities replaced, in both documents of a run alike. */
export interface Redacted {
  readonly evidence: Evidence;
  readonly report: Report | null;
}

/** What else is written of the run than its documents. */
export interface Told {
  readonly lines: readonly string[];
  /** Of machines, beside those of the documents. */
  readonly names: readonly string[];
}

interface Documents extends Redacted {
  readonly settings: Settings;
  readonly told: Told;
  /** Files that were read, beside those that the settings name. */
  readonly files: readonly string[];
  /** Whether a word is one of our own sentences: such a name stays in text, where it identifies nobody and its loss would garble what is said. */
  readonly isOrdinary: (word: string) => boolean;
}

/**
 * It comes after the judging, which so never sees a replacement: what was found, its reasons and its statuses are those of the real machine.
 */
export function redacted({
  evidence,
  report,
  settings,
  told,
  files,
  isOrdinary,
}: Documents): Redacted & { readonly text: Pseudonyms['text'] } {
  const nodes = (report?.nodes ?? []).map(({ name }) => ({ nodeName: name.replace(/ \(.*\)$/s, '') }));
  const named = [
    ...namesIn([nodes, evidence, report?.plan ?? {}, settings.peers, told.lines, hostsOf(told)]),
    ...filesOf(settings),
    ...files.map((name): Named => ({ kind: 'file', name })),
  ];
  const pseudonyms = pseudonymsOf(named, textsIn([evidence, report, told.lines]), isOrdinary);
  return {
    text: pseudonyms.text,
    evidence: redactEvidence(evidence, pseudonyms),
    report: report === null ? null : redactReport(report, pseudonyms),
  };
}

/** What hides names in a text that is written of a plan alone, before anything was observed, and in the lines told of it. */
export function planWords(
  text: string,
  settings: Settings,
  told: Told,
  isOrdinary: (word: string) => boolean,
): Pseudonyms['text'] {
  const named = [...namesIn([settings, told.lines, hostsOf(told)]), ...filesOf(settings)];
  return pseudonymsOf(named, [text, ...told.lines], isOrdinary).text;
}

/**
 * What hides names in lines where there is no run of which more would be known: those that the user said, those in quotes, and those that their form tells.
 * @param said Words of the command line and values of variables.
 */
export function lineWords(
  told: Told,
  said: readonly string[],
  isOrdinary: (word: string) => boolean,
): Pseudonyms['text'] {
  const values = said.map((word) => word.replace(/^--?[\w-]+=?/, '')).filter((value) => !/^[\d.]*$/.test(value));
  const quoted = told.lines.flatMap((line) => [...line.matchAll(/"([^"]+)"/g)].map(([, text = '']) => text));
  const pieces = values.flatMap((value) => value.split(/[@,=\s]+/));
  const named = [
    ...namesIn([told.lines, hostsOf(told), pieces.filter((piece) => !piece.includes('/')).map((host) => ({ host }))]),
    ...[...values, ...pieces, ...quoted].map((name): Named => ({ kind: name.includes('/') ? 'file' : 'name', name })),
  ];
  return pseudonymsOf(named, told.lines, isOrdinary).text;
}

function hostsOf({ names }: Told): { host: string }[] {
  return names.map((host) => ({ host }));
}

function redactEvidence(evidence: Evidence, pseudonyms: Pseudonyms): Evidence {
  const { nodes, plan, cluster, probes } = evidence;
  return {
    ...evidence,
    nodes: deep(nodes, pseudonyms),
    ...(plan === undefined ? {} : { plan: deep(plan, pseudonyms) }),
    ...(cluster === undefined ? {} : { cluster: deep(cluster, pseudonyms) }),
    ...(probes === undefined ? {} : { probes: deep(probes, pseudonyms) }),
  };
}

function redactReport(report: Report, pseudonyms: Pseudonyms): Report {
  return {
    ...report,
    nodes: report.nodes.map((node) => ({
      ...node,
      name: pseudonyms.name(node.name),
      addresses: node.addresses.map(pseudonyms.text),
      ...(node.inventory === undefined ? {} : { inventory: deep(node.inventory, pseudonyms) }),
    })),
    plan: deep(report.plan, pseudonyms),
    checks: report.checks.map((check) => ({
      ...check,
      findings: check.findings.map((finding) => redactFinding(finding, pseudonyms)),
    })),
  };
}

/** Its check, status, reason and name in kubeadm are words of ours. */
function redactFinding(finding: Finding, pseudonyms: Pseudonyms): Finding {
  const { name, text } = pseudonyms;
  const { nodes, subject, message, why, expected, actual, evidence, waiver, probe, remedy } = finding;
  return {
    ...finding,
    nodes: nodes.map(name),
    subject: text(subject),
    message: text(message),
    ...(why === undefined ? {} : { why: text(why) }),
    ...(expected === undefined ? {} : { expected: text(expected) }),
    ...(actual === undefined ? {} : { actual: text(actual) }),
    ...(evidence === undefined ? {} : { evidence: deep(evidence, pseudonyms) }),
    ...(waiver === undefined ? {} : { waiver: { ...waiver, why: text(waiver.why) } }),
    ...(probe === undefined ? {} : { probe: deep(probe, pseudonyms) }),
    ...(remedy === undefined ? {} : { remedy: deep(remedy, pseudonyms) }),
  };
}

/** Fields that hold the name of a machine and nothing else, so that it is known even where it is an ordinary word. */
const NAMES: ReadonlySet<string> = new Set(['hostname', 'nodeName', 'hostname-override', 'node', 'key', 'host']);

/** All that is in a value, keys too; its shape stays. */
function deep<T>(value: T, { name, text }: Pseudonyms): T {
  const replaced = (key: string, each: unknown): unknown => {
    if (typeof each === 'string') return NAMES.has(key) ? name(each) : text(each);
    if (Array.isArray(each)) return each.map((item: unknown) => replaced(key, item));
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(
      Object.entries(each).map(([field, inner]) => {
        const isOwnName = field === 'name' && 'hostsSources' in each;
        return [text(field), isOwnName && typeof inner === 'string' ? name(inner) : replaced(field, inner)];
      }),
    );
  };
  return JSON.parse(JSON.stringify(replaced('', value)));
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => [key, ...textsIn(each)]);
}
