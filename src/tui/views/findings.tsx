import { Box } from 'ink';
import type { ReactNode } from 'react';
import { checkNamed, findingsOf, keyOf } from '../state/findings.ts';
import { bodyHeight, type State, type View } from '../state/state.ts';
import { findingLines } from './finding-lines.ts';
import { Lines } from './lines.tsx';
import { clean, mark, tint, type Look } from './look.ts';
import { tableLines } from './table.ts';

type FindingsView = Extract<View, { kind: 'findings' }>;

/** Rows that the finding below the list has at least, and at most in parts of the whole. */
const DETAIL = 6;

/** The findings of a check or a pair, and below them the selected one. */
export function Findings({
  state,
  view,
  look,
}: {
  readonly state: State;
  readonly view: FindingsView;
  readonly look: Look;
}): ReactNode {
  const { columns } = state.size;
  const height = bodyHeight(state);
  const findings = findingsOf(state, view.subject);
  const found = findings.findIndex((finding) => keyOf(finding) === view.selected);
  const selected = Math.max(0, found);
  const finding = findings[selected];
  const title =
    view.subject.of === 'check'
      ? (checkNamed(state, view.subject.id)?.title ?? '')
      : 'Everything about this pair, the worst first';
  const most = height >= 20 ? Math.floor(height / 3) : height - DETAIL - 3;
  const room = Math.max(2, Math.min(findings.length, most));
  const table = tableLines(state, findings, selected, { height: room, width: columns }, look);
  const detail = height - 3 - room;
  const position = `${selected + 1} of ${findings.length}`;
  return (
    <Box flexDirection="column">
      <Lines
        lines={[
          ` ${tint(clean(title, look), 'quiet', look)}`,
          ...(findings.length === 0 ? [' nothing to show: Esc goes back, / and f change what is shown'] : table),
        ]}
        width={columns}
        height={room + 2}
      />
      <Lines
        lines={[
          `${mark('rule', look).repeat(Math.max(0, columns - position.length - 3))} ${position} `,
          ...(finding === undefined ? [] : findingLines(state, finding, columns, look)),
        ]}
        width={columns}
        height={detail + 1}
      />
    </Box>
  );
}
