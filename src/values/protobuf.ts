/** The part of Protocol Buffers' wire format that unary CRI calls need: varints and length-delimited fields. */

/** The fields of a message by number, in the order they came; nested messages and strings are bytes. */
export type Message = ReadonlyMap<number, readonly (bigint | Buffer)[]>;

/** Null when the bytes are no message. https://protobuf.dev/programming-guides/encoding/ */
export function readMessage(bytes: Buffer): Message | null {
  const fields = new Map<number, (bigint | Buffer)[]>();
  for (let at = 0; at < bytes.length;) {
    const tag = readVarint(bytes, at);
    if (tag === null) return null;
    const value = readValue(bytes, tag.next, Number(tag.value & 7n));
    const number = Number(tag.value >> 3n);
    if (value === null || number === 0) return null;
    fields.set(number, [...(fields.get(number) ?? []), value.value]);
    at = value.next;
  }
  return fields;
}

interface Read<T> {
  readonly value: T;
  readonly next: number;
}

function readVarint(bytes: Buffer, at: number): Read<bigint> | null {
  let value = 0n;
  for (let index = 0; index < 10; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) return null;
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), next: at + index + 1 };
  }
  return null;
}

function readValue(bytes: Buffer, at: number, wireType: number): Read<bigint | Buffer> | null {
  if (wireType === 0) return readVarint(bytes, at);
  if (wireType === 1) return slice(bytes, at, 8);
  if (wireType === 5) return slice(bytes, at, 4);
  if (wireType !== 2) return null;
  const length = readVarint(bytes, at);
  return length === null ? null : slice(bytes, length.next, Number(length.value));
}

function slice(bytes: Buffer, at: number, length: number): Read<Buffer> | null {
  return at + length > bytes.length ? null : { value: bytes.subarray(at, at + length), next: at + length };
}

/** A field that is absent is empty: that is how the format writes empty strings. */
export function stringField(message: Message, number: number): string {
  const value = message.get(number)?.at(-1);
  return Buffer.isBuffer(value) ? value.toString('utf8') : '';
}

/** Numbers, enums and booleans; zero is written as an absent field. */
export function numberField(message: Message, number: number): number {
  const value = message.get(number)?.at(-1);
  return typeof value === 'bigint' ? Number(value) : 0;
}

/** Every message of a repeated field; those that are none are left out. */
export function messageFields(message: Message, number: number): Message[] {
  return (message.get(number) ?? []).flatMap((value) => (Buffer.isBuffer(value) ? (readMessage(value) ?? []) : []));
}

/** A message of numbers, and of strings or nested messages as bytes. */
export function writeMessage(fields: readonly (readonly [number: number, value: bigint | Buffer])[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([number, value]) =>
      typeof value === 'bigint'
        ? [writeVarint(BigInt(number) << 3n), writeVarint(BigInt.asUintN(64, value))]
        : [writeVarint((BigInt(number) << 3n) | 2n), writeVarint(BigInt(value.length)), value],
    ),
  );
}

function writeVarint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}
