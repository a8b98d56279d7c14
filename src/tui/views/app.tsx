import { Box } from 'ink';
import type { ReactNode } from 'react';
import { isTooSmall } from '../state/reduce.ts';
import { bodyHeight, SMALLEST, viewOf, type State } from '../state/state.ts';
import { Findings } from './findings.tsx';
import { footer, FOOTER_ROWS } from './footer.ts';
import { header } from './header.ts';
import { Lines } from './lines.tsx';
import { mark, type Look } from './look.ts';
import { Matrix } from './matrix.tsx';
import { Overview } from './overview.tsx';
import { peerFormLines } from './peer-form.ts';
import { linesOf } from './texts.ts';

interface Props {
  readonly state: State;
  readonly look: Look;
}

/** The whole screen, as high and as wide as the terminal. */
export function App({ state, look }: Props): ReactNode {
  const { columns, rows } = state.size;
  if (isTooSmall(state)) {
    const line = `seaworthy needs ${SMALLEST.columns}x${SMALLEST.rows}; q quits`;
    return <Lines lines={[line.slice(0, columns)]} width={columns} height={rows} />;
  }
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      <Lines lines={[...header(state, look), mark('rule', look).repeat(columns)]} width={columns} height={3} />
      <Body state={state} look={look} />
      <Lines lines={footer(state, look)} width={columns} height={FOOTER_ROWS} />
    </Box>
  );
}

function Body({ state, look }: Props): ReactNode {
  const { columns } = state.size;
  const height = bodyHeight(state);
  const view = viewOf(state);
  const { prompt } = state;
  if (prompt?.kind === 'peer')
    return <Lines lines={peerFormLines(state, prompt, look)} width={columns} height={height} />;
  switch (view.kind) {
    case 'overview':
      return <Overview state={state} look={look} />;
    case 'findings':
      return <Findings state={state} view={view} look={look} />;
    case 'matrix':
      return <Matrix state={state} look={look} />;
    case 'text':
      return (
        <Lines
          lines={linesOf(state, view.text, look).slice(view.top, view.top + height)}
          width={columns}
          height={height}
        />
      );
  }
}
