import type { Readable } from 'node:stream';

const NEWLINE = 0x0a;

/** Lines of a stream, each parsed as JSON; ends with the stream, and throws a RangeError at a line longer than `limit` bytes or one that is no JSON. */
export async function* jsonLines(input: Readable, limit: number): AsyncGenerator {
  let chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    if (!Buffer.isBuffer(chunk)) continue;
    let rest = chunk;
    for (let end = rest.indexOf(NEWLINE); end !== -1; end = rest.indexOf(NEWLINE)) {
      const line = Buffer.concat([...chunks, rest.subarray(0, end)]);
      chunks = [];
      size = 0;
      rest = rest.subarray(end + 1);
      yield parse(line);
    }
    if (rest.length > 0) chunks.push(rest);
    size += rest.length;
    if (size > limit) throw new RangeError(`a line is longer than ${limit} bytes`);
  }
}

function parse(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString('utf8'));
  } catch {
    throw new RangeError('a line is no JSON');
  }
}
