import { lengthOf } from '../../report/text/layout.ts';
import { receiversSaw, sendersSaw } from '../../report/text/probe-blocks.ts';
import { glyph } from '../../report/text/theme.ts';
import type { Finding, ProbeEvidence } from '../../report/schema.ts';
import { cell, clean, cut, layoutFor, mark, tint, type Look } from './look.ts';

/** How far something came, between the sender's end and the receiver's. */
type Reach = 'none' | 'sender' | 'middle' | 'receiver' | 'through';

interface Fate {
  readonly request: Reach;
  readonly reply: Reach;
  /** What happened at the place where it ended, or on the way; null where all went well. */
  readonly note: string | null;
}

const FATES: Readonly<Record<string, Fate>> = {
  open: { request: 'through', reply: 'through', note: null },
  'request-lost': { request: 'middle', reply: 'none', note: 'lost on the way there' },
  'reply-lost': { request: 'through', reply: 'middle', note: 'the answer was lost' },
  rejected: { request: 'receiver', reply: 'through', note: 'an error came back' },
  lost: { request: 'middle', reply: 'middle', note: 'lost, in which direction is not known' },
  'half-open': { request: 'through', reply: 'through', note: 'the third packet of the handshake was lost' },
  'source-rewritten': { request: 'through', reply: 'through', note: 'NAT on the way' },
  'wrong-host': { request: 'middle', reply: 'through', note: 'somebody else answered' },
  stalled: { request: 'through', reply: 'through', note: 'small packets pass, large ones do not' },
  lossy: { request: 'through', reply: 'through', note: 'a part is lost' },
  'encapsulation-lost': { request: 'middle', reply: 'none', note: 'dropped when it is dressed as the overlay does' },
  'blocked-locally': { request: 'sender', reply: 'none', note: 'the sender itself did not let it out' },
  'no-neighbour': { request: 'sender', reply: 'none', note: 'the next hop does not answer' },
  'no-listener': { request: 'through', reply: 'through', note: 'nobody listens' },
};

/** `evidence.lostAt`: where the counters of both machines say that it ended. */
const LOST_AT: Readonly<Record<string, Fate>> = {
  'before-peer': { request: 'middle', reply: 'none', note: 'it never reached the receiver' },
  'peer-input': { request: 'receiver', reply: 'none', note: 'the receiver got it and dropped it' },
  'peer-output': { request: 'through', reply: 'receiver', note: 'the receiver dropped its own answer' },
  'after-peer': { request: 'through', reply: 'middle', note: 'the answer left the receiver and was lost' },
};

function fateOf({ reason, status, evidence }: Finding): Fate {
  const lostAt = evidence?.['lostAt'];
  const known = typeof lostAt === 'string' && Object.hasOwn(LOST_AT, lostAt) ? LOST_AT[lostAt] : undefined;
  if (known !== undefined && ['request-lost', 'reply-lost'].includes(reason)) return known;
  const fate = Object.hasOwn(FATES, reason) ? FATES[reason] : undefined;
  if (fate !== undefined) return fate;
  return status === 'pass'
    ? { request: 'through', reply: 'through', note: null }
    : { request: 'middle', reply: 'none', note: null };
}

/** Columns from which the two ends stand side by side. */
const SIDE_BY_SIDE = 72;

/** The sender, the packet and the receiver, with the place where the packet died and what both of them saw; nothing for what is not about packets. */
export function picture(finding: Finding, width: number, look: Look): string[] {
  const { probe } = finding;
  if (probe === undefined) return [];
  const ends = {
    sender: { name: nameOf(probe.from.node, probe.from.pod, probe.from.address), saw: sendersSaw([probe]) ?? '' },
    receiver: {
      name: nameOf(probe.to.node, probe.to.pod ?? null, probe.to.address),
      saw: receiversSaw([probe], finding.reason) ?? '',
    },
  };
  return width >= SIDE_BY_SIDE ? beside(finding, probe, ends, width, look) : stacked(finding, probe, ends, width, look);
}

interface Ends {
  readonly sender: { readonly name: string; readonly saw: string };
  readonly receiver: { readonly name: string; readonly saw: string };
}

function nameOf(node: string, pod: string | null, address: string | null): string {
  return [pod === null ? node : `${pod} on ${node}`, address].filter((part) => part !== null).join(' ');
}

function portOf({ to }: ProbeEvidence): string {
  return `${to.protocol}/${to.port}`;
}

function beside(
  finding: Finding,
  probe: ProbeEvidence,
  { sender, receiver }: Ends,
  width: number,
  look: Look,
): string[] {
  const fate = fateOf(finding);
  const middle = Math.max(24, Math.floor(width * 0.3));
  const left = Math.floor((width - middle - 2) / 2);
  const right = width - middle - 2 - left;
  const senderLines = boxed(sender.saw, left, look);
  const receiverLines = boxed(receiver.saw, right, look);
  const height = Math.max(senderLines.length, receiverLines.length, 4);
  const label = cut(clean(portOf(probe), look), middle - 2, look);
  const ways = [
    cell(' '.repeat(Math.floor((middle - lengthOf(label)) / 2)) + label, middle, look),
    way(fate.request, finding, middle, look),
    way(fate.reply, finding, middle, look, true),
  ];
  const rows = Array.from({ length: height }, (_, index) => {
    const from = box(senderLines, index, height, left, look);
    const to = box(receiverLines, index, height, right, look);
    return ` ${from}${ways[index] ?? ' '.repeat(middle)}${to}`;
  });
  const names = ` ${cell(sender.name, left, look, 'strong')}${' '.repeat(middle)}${cell(receiver.name, right, look, 'strong')}`;
  return [names, ...rows, ...noteLines(fate, finding, look)];
}

/** What was seen, in lines as wide as the inside of a box. */
function boxed(text: string, width: number, look: Look): string[] {
  return ['', ...words(clean(text, look), width - 4), ''];
}

function words(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && lengthOf(last) + 1 + lengthOf(word) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function box(lines: readonly string[], index: number, height: number, width: number, look: Look): string {
  const edge = (from: string, to: string) => from + mark('rule', look).repeat(width - 2) + to;
  if (index === 0) return edge(mark('topLeft', look), mark('topRight', look));
  if (index === height - 1) return edge(mark('bottomLeft', look), mark('bottomRight', look));
  const text = index < lines.length - 1 ? (lines[index] ?? '') : '';
  return `${mark('bar', look)} ${cell(text, width - 4, look)} ${mark('bar', look)}`;
}

/** An arrow up to where the packet came; what comes back begins at the receiver. */
function way(reach: Reach, { status }: Finding, width: number, look: Look, back = false): string {
  if (reach === 'none') return ' '.repeat(width);
  const room = width - 2;
  const ended = reach !== 'through';
  const sign = ended ? glyph(status, look.ascii) : '';
  const head = mark(back ? 'left' : 'right', look);
  const end = ended ? lengthOf(sign) + 1 : 0;
  const length = Math.max(2, Math.floor(room * PARTS[reach]) - lengthOf(head) - end);
  const line = mark('rule', look).repeat(length);
  const space = ' '.repeat(Math.max(0, room - length - lengthOf(head) - end));
  const place = tint(sign, status, look);
  if (back) return ` ${space}${ended ? `${place} ` : ''}${head}${line} `;
  return ` ${line}${head}${ended ? ` ${place}` : ''}${space} `;
}

/** Of the way. */
const PARTS: Readonly<Record<Exclude<Reach, 'none'>, number>> = { sender: 0.2, middle: 0.6, receiver: 1, through: 1 };

function noteLines({ note }: Fate, { status }: Finding, look: Look): string[] {
  return note === null ? [] : [` ${tint(`${glyph(status, look.ascii)} ${note}`, status, look)}`];
}

function stacked(
  finding: Finding,
  probe: ProbeEvidence,
  { sender, receiver }: Ends,
  width: number,
  look: Look,
): string[] {
  const fate = fateOf(finding);
  const layout = layoutFor(look, width);
  const sign = tint(glyph(finding.status, look.ascii), finding.status, look);
  const bar = mark('bar', look);
  const saw = (text: string) => layout.paragraph([text], { indent: 4 });
  const arrow = fate.request === 'through' ? mark('down', look) : sign;
  return [
    ` ${tint(clean(sender.name, look), 'strong', look)}`,
    ...saw(sender.saw),
    `   ${bar} ${portOf(probe)}`,
    `   ${arrow}${fate.note === null ? '' : ` ${tint(fate.note, finding.status, look)}`}`,
    ` ${tint(clean(receiver.name, look), 'strong', look)}`,
    ...saw(receiver.saw),
  ];
}
