import { Box } from 'ink';
import type { ReactNode } from 'react';
import { lengthOf } from '../../report/text/layout.ts';
import { receiversSaw, sendersSaw, storyTitle } from '../../report/text/probe-blocks.ts';
import type { ProbeEvidence } from '../../report/schema.ts';
import { glyph } from '../../report/text/theme.ts';
import { isFault, STATUSES } from '../../values/status.ts';
import { causesOf } from '../state/causes.ts';
import { allFindings, worstFirst } from '../state/findings.ts';
import { gridOf, type Cell, type Grid } from '../state/matrix.ts';
import { bodyHeight, type State } from '../state/state.ts';
import { Divider, Lines } from './lines.tsx';
import { cell, clean, layoutFor, mark, tint, windowOf, type Look } from './look.ts';
import { strip } from './strip.ts';

/** From so many columns the pair stands beside the grid. */
const BESIDE = 90;
const PAIR = 44;
/** Columns of a cell, with the brackets of the selected one. */
const CELL = 8;

/** Nodes against nodes, the pair that is selected, and what all of it comes down to. */
export function Matrix({ state, look }: { readonly state: State; readonly look: Look }): ReactNode {
  const { columns } = state.size;
  const height = bodyHeight(state);
  const grid = gridOf(state);
  if (grid.selected === null) return <Lines lines={nothing(state, columns, look)} width={columns} height={height} />;
  const pair = pairLines(grid.selected, columns >= BESIDE ? PAIR : columns, look);
  const swept = sweptLines(state, grid.selected, columns, look);
  const causes = causeLines(state, columns, look);
  if (columns >= BESIDE) {
    const wanted = Math.max(Math.min(grid.senders.length + 2, 30), 8);
    const top = Math.min(height, Math.max(Math.floor(height * 0.4), Math.min(wanted, height - 6)));
    const left = columns - PAIR - 1;
    return (
      <Box flexDirection="column">
        <Box>
          <Lines lines={gridLines(grid, left, top, look)} width={left} height={top} />
          <Divider height={top} look={look} />
          <Lines lines={pair} width={PAIR} height={top} />
        </Box>
        <Lines
          lines={[mark('rule', look).repeat(columns), ...swept, ...causes]}
          width={columns}
          height={height - top}
        />
      </Box>
    );
  }
  const top = Math.min(grid.senders.length + 2, Math.max(5, Math.floor(height / 2)));
  return (
    <Box flexDirection="column">
      <Lines lines={gridLines(grid, columns, top, look)} width={columns} height={top} />
      <Lines
        lines={[mark('rule', look).repeat(columns), ...swept, ...pair, '', ...causes]}
        width={columns}
        height={height - top}
      />
    </Box>
  );
}

function nothing({ results, faultsOnly }: State, width: number, look: Look): string[] {
  const why =
    results.nodes.length < 2
      ? 'Only this machine takes part. Add another one with p, or start seaworthy with --peer HOST.'
      : faultsOnly
        ? 'Nothing is wrong between the nodes: f shows all of them.'
        : 'Nothing was learned of what is between the nodes yet.';
  return ['', ...layoutFor(look, width).paragraph([why], { indent: 1 })];
}

/** The part of the grid that is seen, with its heads. */
function gridLines(
  { senders, receivers, cell: cellAt, selected }: Grid,
  width: number,
  height: number,
  look: Look,
): string[] {
  const corner = `from ${look.ascii ? '\\' : '╲'} to`;
  const label = Math.min(20, Math.max(corner.length, ...senders.map(lengthOf))) + 2;
  const fitting = Math.max(1, Math.floor((width - label - 1) / CELL));
  const rows = windowOf(senders.length, Math.max(0, senders.indexOf(selected?.from ?? '')), Math.max(1, height - 2));
  const columns = windowOf(receivers.length, Math.max(0, receivers.indexOf(selected?.to ?? '')), fitting);
  const seen = receivers.slice(columns.from, columns.to);
  const more = seen.length < receivers.length ? ` ${seen.length} of ${receivers.length} columns` : '';
  return [
    ` ${cell(corner, label, look, 'quiet')}${seen.map((name) => cell(` ${name}`, CELL, look, name === selected?.to ? 'strong' : null)).join('')}`,
    ...senders.slice(rows.from, rows.to).map((from) => {
      const head = cell(from, label, look, from === selected?.from ? 'strong' : null);
      return ` ${head}${seen.map((to) => cellText(cellAt(from, to), from === selected?.from && to === selected?.to, look)).join('')}`;
    }),
    ` ${tint(legend(look) + more, 'quiet', look)}`,
  ];
}

function cellText({ from, to, status, findings }: Cell, selected: boolean, look: Look): string {
  const count = findings.filter((finding) => finding.status === status).length;
  const text =
    from === to
      ? mark('itself', look)
      : status === null
        ? '-'
        : `${glyph(status, look.ascii)} ${count === 0 ? '' : count}`.trimEnd();
  const framed = selected ? `[${text}]` : ` ${text}`;
  return cell(framed, CELL, look, from === to ? 'quiet' : status);
}

function legend(look: Look): string {
  const words = { fail: 'fail', unknown: 'undecided', warn: 'warn', pass: 'open', skip: 'skip' };
  const known = STATUSES.filter((status) => status !== 'skip').map(
    (status) => `${glyph(status, look.ascii)} ${words[status]}`,
  );
  return [...known, `${mark('itself', look)} itself`, '- not tested'].join('  ');
}

function pairLines({ from, to, findings }: Cell, width: number, look: Look): string[] {
  const wrong = findings.filter(({ status }) => isFault(status)).length;
  const count = wrong === 0 ? `${findings.length} findings` : `${wrong} of ${findings.length} wrong`;
  const [first] = worstFirst(findings);
  const listed = worstFirst(findings).map(({ status, subject, probe, reason }) => {
    const port = probe === undefined ? subject : `${probe.to.protocol}/${probe.to.port}`;
    return ` ${tint(glyph(status, look.ascii), status, look)} ${cell(port, 20, look)} ${cell(reason, Math.max(8, width - 25), look, status)}`;
  });
  return [
    ` ${tint(clean(`${from} ${mark('between', look)} ${to}`, look), 'strong', look)}  ${tint(count, 'quiet', look)}`,
    ...listed.slice(0, LISTED),
    ...(listed.length > LISTED ? [`   and ${listed.length - LISTED} more: Enter`] : []),
    ...(first?.probe === undefined ? [] : bothSides(first.probe, first.reason, width, look)),
  ];
}

/** What the two ends of the worst saw. */
function bothSides(probe: ProbeEvidence, reason: string, width: number, look: Look): string[] {
  const layout = layoutFor(look, width);
  const side = (name: string, gap: string, saw: string | undefined) =>
    layout.paragraph([{ text: name, tone: 'quiet' }, `${gap}${saw ?? ''}`], { indent: 1, hanging: 11 });
  return [...side('sender', '    ', sendersSaw([probe])), ...side('receiver', '  ', receiversSaw([probe], reason))];
}

const LISTED = 4;

/** The worst sweep of the pair. */
function sweptLines(state: State, { findings }: Cell, width: number, look: Look): string[] {
  const all = allFindings(state.results.checks);
  for (const finding of worstFirst(findings)) {
    const drawn = strip(finding, all, width, look);
    if (drawn.length > 0) return [...drawn, ''];
  }
  return [];
}

/** What happened alike between several nodes, told once. */
function causeLines({ results }: State, width: number, look: Look): string[] {
  const layout = layoutFor(look, width);
  const stories = causesOf(results.checks);
  if (stories.length === 0) return [];
  return [
    ` ${tint('causes', 'quiet', look)}`,
    ...stories
      .slice(0, CAUSES)
      .flatMap((story) =>
        layout.paragraph(
          [
            { text: glyph(story.first.status, look.ascii), tone: story.first.status, sticky: true },
            ...storyTitle(story),
          ],
          { indent: 1, hanging: 6 },
        ),
      ),
    ...(stories.length > CAUSES ? [` and ${stories.length - CAUSES} more`] : []),
  ];
}

const CAUSES = 8;
