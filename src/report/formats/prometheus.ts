import { printable } from '../../values/printable.ts';
import { STATUSES, worst, type Status } from '../../values/status.ts';
import type { Finding, ProbeEvidence, Report } from '../schema.ts';
import { pairFindings } from '../text/pairs.ts';
import { defineFormat } from './define-format.ts';

/** https://prometheus.io/docs/instrumenting/exposition_formats/: no timestamps, which the textfile collector refuses. */
export default defineFormat({
  title: 'metrics for Prometheus, as for the textfile collector; with --verbose each port between nodes too',
  render: (report, { verbose }) => {
    const families = [...run(report), ...checks(report), ...pairs(report), ...(verbose ? [probes(report)] : [])];
    return families.flatMap(lines).join('');
  },
});

interface Family {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

function gauge(name: string, help: string, value: number, labels: Sample['labels'] = {}): Family {
  return { name, help, samples: [{ labels, value }] };
}

function run({ tool, schema, run: { startedAt, durationMs }, verdict, nodes }: Report): Family[] {
  const ended = (Date.parse(startedAt) + durationMs) / 1_000;
  return [
    gauge('build_info', 'The version of seaworthy.', 1, { version: tool.version, schema }),
    gauge('run_timestamp_seconds', 'When the last run ended; time() minus this is its age.', ended),
    gauge('run_duration_seconds', 'How long the last run took.', durationMs / 1_000),
    {
      name: 'verdict',
      help: '1 for the verdict of the last run, 0 for the others.',
      samples: (['ready', 'not-ready', 'unknown'] as const).map((each) => ({
        labels: { verdict: each },
        value: each === verdict ? 1 : 0,
      })),
    },
    {
      name: 'node_info',
      help: 'The machines of the last run.',
      samples: nodes.map(({ name, roles, stage, kubernetesVersion }) => ({
        labels: { node: name, role: roles.join(','), stage, kubernetes_version: kubernetesVersion },
        value: 1,
      })),
    },
  ];
}

function checks({ checks: all }: Report): Family[] {
  const about = all.map(({ id, category, status, findings }) => ({
    labels: { check: id, category },
    status,
    findings,
  }));
  return [
    {
      name: 'check_status',
      help: '1 for the status of a check, 0 for the others.',
      samples: about.flatMap(({ labels, status }) => states(labels, status, STATUSES)),
    },
    {
      name: 'check_findings',
      help: 'What was judged by a check, by status.',
      samples: about.flatMap(({ labels, findings }) =>
        STATUSES.map((status) => ({
          labels: { ...labels, status },
          value: findings.filter((finding) => finding.status === status).length,
        })),
      ),
    },
  ];
}

/** Of a pair that was tested, the worst that was found. */
function pairs(report: Report): Family[] {
  const { pairs: wanted, pairsTested } = report.coverage;
  if (wanted === 0) return [];
  const tested = pairFindings(report).filter(({ finding }) => finding.status !== 'skip');
  const about = tested.map(({ finding, pair }) => ({ labels: { source: pair.from, destination: pair.to }, finding }));
  return [
    gauge('pairs', 'Directed pairs of nodes that the roles need.', wanted),
    gauge('pairs_tested', 'Directed pairs of nodes between which packets were sent.', pairsTested),
    {
      name: 'pair_status',
      help: '1 for the worst that was found on the way from one node to another, 0 for the other statuses.',
      samples: worstOfEach(about, ['fail', 'unknown', 'warn', 'pass']),
    },
  ];
}

function probes(report: Report): Family {
  const about = pairFindings(report).flatMap(({ finding, pair }) => {
    if (finding.probe === undefined) return [];
    const where = { source: pair.from, destination: pair.to, ...receiver(finding.probe.to) };
    return [{ labels: { check: finding.check, ...where }, finding }];
  });
  return {
    name: 'probe_status',
    help: '1 for what was found of a port on the way from one node to another, 0 for the other statuses.',
    samples: worstOfEach(about, STATUSES),
  };
}

/** The port that is asked of pods is another one in each run, and so are addresses of throw-away pods: each run would make series of its own. */
function receiver({ address, protocol, port, pod = null }: ProbeEvidence['to']): Sample['labels'] {
  return pod === null ? { address, protocol, port } : { address: 'pod', protocol, port: 'pod' };
}

interface About {
  readonly labels: Sample['labels'];
  readonly finding: Finding;
}

/** A series is there once, however many findings are about it. */
function worstOfEach(about: readonly About[], shown: readonly Status[]): Sample[] {
  const alike = Map.groupBy(about, ({ labels }) => written(labels));
  return [...alike.values()].flatMap((same) =>
    states(same[0]?.labels ?? {}, worst(same.map(({ finding }) => finding.status)), shown),
  );
}

function states(labels: Sample['labels'], status: Status, shown: readonly Status[]): Sample[] {
  return shown.map((each) => ({ labels: { ...labels, status: each }, value: each === status ? 1 : 0 }));
}

function lines({ name, help, samples }: Family): string[] {
  if (samples.length === 0) return [];
  const full = `seaworthy_${name}`;
  return [
    `# HELP ${full} ${help}\n# TYPE ${full} gauge\n`,
    // The same series twice, as of two machines of one name, would make all of them unreadable.
    ...new Map(samples.map(({ labels, value }) => [written(labels), `${full}${written(labels)} ${value}\n`])).values(),
  ];
}

function written(labels: Sample['labels']): string {
  const pairsOfText = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairsOfText.length === 0 ? '' : `{${pairsOfText.join(',')}}`;
}

function escaped(text: string): string {
  return printable(text).replaceAll(/[\\"]/g, '\\$&');
}
