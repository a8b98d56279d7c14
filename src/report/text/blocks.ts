import { STATUSES, type Status } from '../../values/status.ts';
import type { Finding, Report } from '../schema.ts';
import { pairOf } from './pairs.ts';
import { storiesOf, storyOfOne, type Story } from './stories.ts';

/** One or more findings that say the same, shown once. */
export interface Block {
  readonly finding: Finding;
  readonly checks: readonly string[];
  readonly nodes: readonly string[];
  /** Of findings about packets between nodes. */
  readonly story: Story | null;
}

/** The blocks of one check that have one reason: what a reader takes in at a glance. */
export interface Group {
  readonly status: Status;
  readonly blocks: readonly Block[];
}

/** What is to be read, the worst first, and within a status in the order of the checks. `merged`: what happened alike between several nodes is told once. */
export function groupsOf(report: Report, wanted: readonly Status[], merged: boolean): Group[] {
  const findings = report.checks.flatMap((check) => check.findings);
  const order = new Map(findings.map((finding, index) => [finding, index]));
  const place = ({ finding }: Block) => order.get(finding) ?? 0;
  return STATUSES.filter((status) => wanted.includes(status)).flatMap((status) => {
    const these = findings.filter((finding) => finding.status === status);
    const alone = these.filter((finding) => pairOf(finding) === null);
    const stories = merged ? storiesOf(these, findings) : eachAlone(these);
    const blocks = [...merge(alone), ...stories.map(blockOf)].sort((a, b) => place(a) - place(b));
    const groups = Map.groupBy(blocks, ({ checks, finding }) => `${checks.join()} ${finding.reason}`);
    return [...groups.values()].map((group) => ({ status, blocks: group }));
  });
}

function eachAlone(findings: readonly Finding[]): Story[] {
  return findings.flatMap((finding) => {
    const pair = pairOf(finding);
    return pair === null ? [] : [storyOfOne(finding, pair)];
  });
}

function blockOf(story: Story): Block {
  const checks = [...new Set(story.findings.map(({ check }) => check))];
  return { finding: story.first, checks, nodes: [...story.left, ...(story.right ?? [])], story };
}

/** First the nodes of which one check says the same, then the checks that say the same of the same nodes. */
function merge(findings: readonly Finding[]): Block[] {
  const byCheck = [...Map.groupBy(findings, (finding) => JSON.stringify([finding.check, ...saying(finding)])).values()];
  const blocks = byCheck.flatMap((same) => {
    const [finding] = same;
    return finding === undefined ? [] : [{ finding, nodes: [...new Set(same.flatMap(({ nodes }) => nodes))] }];
  });
  // What was judged and found alike by two checks is two things; what could not be seen is one.
  const bySaying = Map.groupBy(blocks, ({ finding, nodes }) =>
    JSON.stringify([finding.status === 'unknown' ? null : finding.check, nodes, ...saying(finding)]),
  );
  return [...bySaying.values()].flatMap((same) => {
    const [first] = same;
    return first === undefined ? [] : [{ ...first, checks: same.map(({ finding }) => finding.check), story: null }];
  });
}

/** All that a reader sees of a finding but its check and its nodes. */
function saying(finding: Finding): unknown[] {
  const { subject, reason, message, why, expected, actual, kubeadm, because, waiver, remedy } = finding;
  return [subject, reason, message, why, expected, actual, kubeadm, because, waiver, remedy];
}
