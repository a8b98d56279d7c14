import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { mark, type Look } from './look.ts';

interface LinesProps {
  readonly lines: readonly string[];
  readonly width: number;
  readonly height: number;
}

/** Ready lines in a box of this size; what is beyond it is cut. */
export function Lines({ lines, width, height }: LinesProps): ReactNode {
  return (
    <Box flexDirection="column" width={width} height={height} flexShrink={0} overflow="hidden">
      {lines.slice(0, height).map((line, index) => (
        // oxlint-disable-next-line react/no-array-index-key
        <Text key={index} wrap="truncate-end">
          {line === '' ? ' ' : line}
        </Text>
      ))}
    </Box>
  );
}

export function Divider({ height, look }: { readonly height: number; readonly look: Look }): ReactNode {
  return <Lines lines={Array.from({ length: height }, () => mark('bar', look))} width={1} height={height} />;
}
