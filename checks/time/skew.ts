import type { Probed } from '../../src/evidence/probes.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import {
  gapOf,
  judgeClocks,
  uncertaintyOf,
  type Clock,
  type ClockVerdict,
  type WrongClock,
} from '../../src/judging/wrong-clock.ts';

/** Milliseconds. etcd warns of “high clock drift” of a member beyond it: monitorProbingStatus of server/etcdserver/api/rafthttp/probing_status.go. */
const LIMIT = 1_000;

const subject = 'clock';

const why =
  'A certificate or token that one node has just made is not valid yet on a node whose clock is behind, or no longer on one that is ahead; etcd warns, and leases and logs contradict each other.';

const commands = ['timedatectl set-ntp true', 'timedatectl status'];

export default defineCheck({
  id: 'time/skew',
  title: 'the clocks of the nodes agree',
  docs: 'https://github.com/etcd-io/etcd/blob/main/server/etcdserver/api/rafthttp/probing_status.go',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  reasons: {
    'in-step': 'pass',
    uncertain: 'unknown',
    'peer-unreachable': 'unknown',
    undecided: 'unknown',
    skewed: 'fail',
  },
  needs: [],
  wants: [],
  probes(nodes) {
    return nodes.filter(({ node }) => !node.self).map(({ node }) => ({ kind: 'clock', to: node.name }));
  },
  compare(nodes, { probed }) {
    if (probed.length === 0) return [];
    const asked = probed.filter((each) => each.kind === 'clock');
    const clocks = [
      // Measured by this machine, against its own clock. A machine that is no node has no clock that counts.
      ...nodes.filter(({ node }) => node.self).map(({ node }) => ({ name: node.name, offsetMs: 0, uncertaintyMs: 0 })),
      ...asked.flatMap(clockOf),
    ];
    const verdict = judgeClocks(clocks, LIMIT);
    const evidence = { limitMs: LIMIT, clocks };
    return [
      ...verdict.wrong.map((each) => ({ ...skewed(each), evidence })),
      ...disputed(verdict, clocks).map((each) => ({ ...each, evidence })),
      ...verdict.vague.map((each) => ({ ...uncertain(each), evidence })),
      ...asked.flatMap(unread),
      ...inStep(verdict).map((each) => ({ ...each, evidence })),
    ];
  },
});

type ClockProbed = Extract<Probed, { kind: 'clock' }>;

function clockOf({ request, reading }: ClockProbed): Clock[] {
  if (!('value' in reading)) return [];
  const { offsetMs, uncertaintyMs } = reading.value;
  return [{ name: request.to, offsetMs, uncertaintyMs }];
}

function unread({ request, reading }: ClockProbed) {
  // Of machines that were in no run together the engine tells.
  if ('value' in reading || reading.unread === 'no-peers') return [];
  const message = `The clock of ${request.to} was not measured: ${reading.detail}`;
  return [{ nodes: [request.to], subject, reason: reading.unread, message }];
}

function skewed({ clock, against, agree }: WrongClock) {
  const { name } = clock;
  const way = clock.offsetMs > against.offsetMs ? 'ahead' : 'behind';
  return {
    nodes: [name],
    subject,
    reason: 'skewed' as const,
    message: `The clock of ${name} is ${apart(clock, against)} ${way}; those of ${agree.length} nodes agree with each other.`,
    why,
    expected: `at most ${span(LIMIT)} from the others`,
    actual: `${apart(clock, against)} ${way}, against ${against.name}`,
    remedy: {
      text: `Set the clock of ${name} and keep it disciplined by a time daemon (chrony, systemd-timesyncd): time/sync says what it has. A daemon that runs may take hours over a large error; \`chronyc makestep\` or a restart of it sets the clock at once.`,
      commands,
    },
  };
}

/** The two that are furthest apart stand for all that contradict one another. */
function disputed({ disputed: byOffset }: ClockVerdict, all: readonly Clock[]) {
  const [first, last] = [byOffset[0], byOffset.at(-1)];
  if (first === undefined || last === undefined) return [];
  const names = all.filter((each) => byOffset.includes(each)).map(({ name }) => name);
  return [
    {
      nodes: names,
      subject: 'clocks',
      reason: 'skewed' as const,
      message: `The clock of ${last.name} is ${apart(first, last)} ahead of that of ${first.name}; which of ${names.length === 2 ? 'the two' : `the ${names.length} that differ`} is wrong cannot be told.`,
      why,
      expected: `at most ${span(LIMIT)} apart`,
      actual: apart(first, last),
      remedy: {
        text: 'Let a time daemon (chrony, systemd-timesyncd) discipline the clock of every node from the same servers: time/sync says what each has.',
        commands,
      },
    },
  ];
}

function uncertain({ name, offsetMs, uncertaintyMs }: Clock) {
  return {
    nodes: [name],
    subject,
    reason: 'uncertain' as const,
    message: `Whether the clock of ${name} is within ${span(LIMIT)} of the others cannot be told: it reads ${span(offsetMs)}, ± ${span(uncertaintyMs)}, from where it was measured. A slow or busy way there makes it so.`,
  };
}

function inStep({ inStep: clocks }: ClockVerdict) {
  if (clocks.length < 2) return [];
  const offsets = clocks.map(({ offsetMs }) => offsetMs);
  const spread = Math.max(...offsets) - Math.min(...offsets);
  const names = clocks.map(({ name }) => name);
  const worst = Math.max(...clocks.map(({ uncertaintyMs }) => uncertaintyMs));
  return [
    {
      nodes: names,
      subject,
      reason: 'in-step' as const,
      message: `The clocks of ${names.length} nodes are at most ${span(spread)} apart, each known to ± ${span(worst)}.`,
    },
  ];
}

function apart(a: Clock, b: Clock): string {
  return `${span(gapOf(a, b))} (± ${span(uncertaintyOf(a, b))})`;
}

/** `0.4 ms`, `2.0 s`, `5.5 min`: as precise as a person needs. */
function span(ms: number): string {
  const size = Math.abs(ms);
  if (size < 1_000) return `${ms.toFixed(1)} ms`;
  if (size < 120_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (size < 7_200_000) return `${(ms / 60_000).toFixed(1)} min`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
}
