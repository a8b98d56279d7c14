import type { Finding, ProbeEvidence } from '../schema.ts';
import { softening, type Labels } from './labels.ts';
import { some } from './names.ts';
import type { Span } from './layout.ts';
import type { Story } from './stories.ts';

/** ` cp1, cp2 → w2  tcp/10250  request-lost  kube-apiserver → kubelet` */
export function storyTitle(story: Story): Span[] {
  const { first, label, note } = story;
  const purpose = isOfMachines(story) ? undefined : first.probe?.purpose;
  return [
    { text: ` ${endsOf(story)}`, tone: 'strong' },
    `  ${label}`,
    { text: `  ${first.reason}`, tone: first.status },
    ...(purpose === undefined || label.startsWith(purpose) ? [] : [`  ${purpose}${note}`]),
  ];
}

/** `cp1, cp2 → w2` */
export function endsOf({ left, arrow, right }: Story): string {
  return `${some(left)} ${arrow} ${right === null ? 'each other' : some(right)}`;
}

/** About several ports, and so about the machines alone. */
function isOfMachines({ findings, label }: Story): boolean {
  return findings.length > 1 && label.endsWith(' probes');
}

/** What happened, what both sides saw of it, and what to do. */
export function storyLines(story: Story, beside: readonly string[], { label, commands, sentence }: Labels): string[] {
  const { findings } = story;
  const probes = isOfMachines(story) ? [] : findings.flatMap(({ probe }) => probe ?? []);
  const said = (of: (finding: Finding) => string | undefined) => common(findings.map(of));
  return [
    ...messages(findings).flatMap(sentence),
    // What both sides saw says it for each pair.
    ...label(
      'expected',
      said(({ probe, expected }) => (probe === undefined ? expected : undefined)),
    ),
    ...label(
      'found',
      said(({ probe, actual }) => (probe === undefined ? actual : undefined)),
    ),
    ...label(ended('sender', story.arrow === '→' ? story.left : null), sendersSaw(probes)),
    ...label(ended('receiver', story.arrow === '→' ? story.right : null), receiversSaw(probes, story.first.reason)),
    ...label(
      'why',
      said(({ why }) => why),
    ),
    ...label('softened', said(softening)),
    ...beside,
    ...fewOf(findings.flatMap(({ remedy }) => remedy?.text ?? [])).flatMap((text) => label('fix', text)),
    ...commands([...new Set(findings.flatMap(({ remedy }) => remedy?.commands ?? []))].slice(0, COMMANDS)),
  ];
}

/** So many sentences and commands are shown of a story that has a different one for each pair. */
const SENTENCES = 3;
const COMMANDS = 12;

/** Each names its own pair. */
function messages(findings: readonly Finding[]): string[] {
  const [first, ...others] = new Set(findings.map(({ message }) => message));
  if (first === undefined || others.length === 0) return first === undefined ? [] : [first];
  // Each says where it was lost, as far as counters tell.
  const places = new Set(findings.map(({ evidence }) => evidence?.['lostAt']));
  return findings[0]?.status === 'unknown' || places.size > 1
    ? fewOf([first, ...others])
    : [`${first} Likewise for the others.`];
}

function fewOf(texts: readonly string[]): string[] {
  const all = [...new Set(texts)];
  const more = all.length - SENTENCES;
  return more > 0 ? [...all.slice(0, SENTENCES), `and ${more} more like these (--verbose shows each)`] : all;
}

function common(texts: readonly (string | undefined)[]): string | undefined {
  const [first, ...others] = new Set(texts);
  return others.length === 0 ? first : undefined;
}

function ended(name: string, nodes: readonly string[] | null): string {
  return nodes?.length === 1 ? name : `${name}s`;
}

const OUTCOMES: Readonly<Record<ProbeEvidence['sender']['outcome'], string>> = {
  answered: 'answered by our listener',
  accepted: 'accepted',
  refused: 'refused',
  error: 'an error',
  silence: 'silence',
};

/** `silence for 3.2 s`: the longest of all that saw the same. */
export function sendersSaw(probes: readonly ProbeEvidence[]): string | undefined {
  const alike = Map.groupBy(probes, ({ sender }) => JSON.stringify([sender.outcome, sender.errno]));
  const seen = [...alike.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const { outcome, errno } = first.sender;
    const waited = Math.max(...same.map(({ sender }) => sender.waitedMs));
    const twice = same.every(({ attempts }) => attempts > 1) ? ', looked at twice' : '';
    const when = `${outcome === 'silence' ? 'for' : 'after'} ${milliseconds(waited)}`;
    return [`${OUTCOMES[outcome]}${errno === null ? '' : ` (${errno})`} ${when}${twice}`];
  });
  return seen.length === 0 ? undefined : seen.join('; ');
}

const LISTENERS: Readonly<Record<string, string>> = {
  ours: 'our listener was up',
  owner: 'its owner listens',
  kernel: 'a device of the kernel holds the port',
  service: 'rules send it to a Service',
  none: 'nobody listens',
  unavailable: 'the port could not be opened',
};

/** The peer's kernel saw the request, and its listener no connection: accept() returns only once the answer was answered. */
const HALF_WAY = ['reply-lost', 'half-open'];

/** `our listener was up, nothing arrived` */
export function receiversSaw(probes: readonly ProbeEvidence[], reason: string): string | undefined {
  const alike = Map.groupBy(probes, ({ receiver }) => receiver.listener);
  const seen = [...alike].map(([listener, same]) => {
    const sources = [...new Set(same.flatMap(({ receiver }) => receiver.source ?? []))];
    const from = sources.length === 0 ? '' : `, from ${some(sources)}`;
    const known = Object.hasOwn(LISTENERS, listener) ? LISTENERS[listener] : listener;
    return `${known}${arrivals(same, HALF_WAY.includes(reason))}${from}`;
  });
  return seen.length === 0 ? undefined : seen.join('; ');
}

function arrivals(probes: readonly ProbeEvidence[], halfWay: boolean): string {
  const counts = probes.flatMap(({ receiver: { arrived, answered } }) =>
    arrived === null || answered === null ? [] : [{ arrived, answered }],
  );
  if (counts.length === 0) return '';
  const arrived = counts.reduce((sum, each) => sum + each.arrived, 0);
  const answered = counts.reduce((sum, each) => sum + each.answered, 0);
  if (arrived === 0) return halfWay ? ', the request arrived and no connection was made' : ', nothing arrived';
  return `, ${arrived} arrived, ${answered} answered`;
}

function milliseconds(ms: number): string {
  return ms < 1_000 ? `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
