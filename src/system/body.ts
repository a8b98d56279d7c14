/**
 * All bytes of a stream, up to its end.
 * @param take Told of each chunk before it is kept; what it throws ends the stream. Rejects with that, or with the error of the stream.
 */
export async function bodyOf(stream: AsyncIterable<unknown>, take: (bytes: number) => void): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) continue;
    take(chunk.length);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** For a body on its own: throws what `tooLong` makes once there are more than `most` bytes. */
export function noMoreThan(most: number, tooLong: () => Error): (bytes: number) => void {
  let total = 0;
  return (bytes) => {
    total += bytes;
    if (total > most) throw tooLong();
  };
}
