/**
 * Puts what Node looks for in itself, the blob of a single executable application, into a copy of Node. Node finds it as an ELF note in its own
 * memory, which takes a segment that is loaded and one that says that there are notes: elf(5). Node's documentation names postject for this; its last
 * release is an alpha of years ago, takes 5 s and 780 MB, and leaves tables behind that readelf warns of.
 *
 * The new segment comes last, in the file and in memory, and holds Node's own notes too. Where they were, right behind the path of the dynamic linker,
 * is the room for the table of segments to grow by an entry. Sections and symbols, a sixth of the file that only debuggers read, are left out.
 */
const ELF64_LITTLE_ENDIAN = Buffer.from('\x7fELF\x02\x01', 'latin1');
const LOAD = 1;
const INTERPRETER = 3;
const NOTE = 4;
const TABLE = 6;
const READABLE = 4;
const ENTRY_BYTES = 56;
/** The largest pages that Linux has on x64 and arm64, in bytes. */
const PAGE = 0x10000;

const NAME = 'NODE_SEA_BLOB';
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:';

/** An entry of the table; places and lengths in bytes. */
interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly inFile: number;
  readonly inMemory: number;
  readonly alignment: number;
}

/** The bytes of the executable. Throws an Error when Node's file is laid out otherwise than it was. */
export function embed(node: Buffer, blob: Buffer): Buffer {
  if (!node.subarray(0, ELF64_LITTLE_ENDIAN.length).equals(ELF64_LITTLE_ENDIAN)) throw new Error('it is no ELF file');
  const table = Number(node.readBigUInt64LE(32));
  const segments = readSegments(node, table);
  const interpreter = only(segments, INTERPRETER);
  const notes = only(segments, NOTE);
  const loaded = segments.filter(({ type }) => type === LOAD);
  requireRoom(table + segments.length * ENTRY_BYTES, interpreter, notes);

  const end = Math.max(...loaded.map(({ offset, inFile }) => offset + inFile));
  const content = Buffer.concat([bytesOf(node, notes), note(NAME, blob)]);
  const added = {
    flags: READABLE,
    offset: roundUp(end, PAGE),
    address: roundUp(Math.max(...loaded.map((each) => each.address + each.inMemory)), PAGE),
    inFile: content.length,
    inMemory: content.length,
  };
  const changed = segments.flatMap((segment): Segment[] => {
    if (segment.type === TABLE) return [grown(segment)];
    if (segment === interpreter) return [moved(segment)];
    if (segment === notes) return [{ ...segment, ...added }];
    // Loaded segments stand in the order of their addresses.
    return segment === loaded.at(-1) ? [segment, { ...added, type: LOAD, alignment: PAGE }] : [segment];
  });

  const executable = Buffer.concat([node.subarray(0, end), Buffer.alloc(added.offset - end), content]);
  bytesOf(node, interpreter).copy(executable, moved(interpreter).offset);
  writeSegments(executable, table, changed);
  forgetSections(executable);
  blowFuse(executable);
  return executable;
}

function readSegments(file: Buffer, table: number): Segment[] {
  const word = (at: number) => Number(file.readBigUInt64LE(at));
  return Array.from({ length: file.readUInt16LE(56) }, (_, index) => {
    const at = table + index * ENTRY_BYTES;
    return {
      type: file.readUInt32LE(at),
      flags: file.readUInt32LE(at + 4),
      offset: word(at + 8),
      address: word(at + 16),
      inFile: word(at + 32),
      inMemory: word(at + 40),
      alignment: word(at + 48),
    };
  });
}

function writeSegments(file: Buffer, table: number, segments: readonly Segment[]): void {
  file.writeUInt16LE(segments.length, 56);
  for (const [index, { type, flags, offset, address, inFile, inMemory, alignment }] of segments.entries()) {
    const at = table + index * ENTRY_BYTES;
    file.writeUInt32LE(type, at);
    file.writeUInt32LE(flags, at + 4);
    // The physical address, which Linux does not use, is that in memory.
    for (const [field, value] of [offset, address, address, inFile, inMemory, alignment].entries()) {
      file.writeBigUInt64LE(BigInt(value), at + 8 + field * 8);
    }
  }
}

function only(segments: readonly Segment[], type: number): Segment {
  const [found, ...more] = segments.filter((segment) => segment.type === type);
  if (found === undefined || more.length > 0) throw new Error(`it has ${more.length + 1} segments of type ${type}`);
  return found;
}

/** Behind the table stands the path of the dynamic linker, which moves, and behind that the notes, which leave. */
function requireRoom(end: number, interpreter: Segment, notes: Segment): void {
  const { offset, inFile } = moved(interpreter);
  const follow = interpreter.offset === end && notes.offset === roundUp(end + inFile, 4);
  if (!follow || offset + inFile > notes.offset + notes.inFile) throw new Error('its table of segments cannot grow');
}

function moved(segment: Segment): Segment {
  return { ...segment, offset: segment.offset + ENTRY_BYTES, address: segment.address + ENTRY_BYTES };
}

function grown(segment: Segment): Segment {
  return { ...segment, inFile: segment.inFile + ENTRY_BYTES, inMemory: segment.inMemory + ENTRY_BYTES };
}

function bytesOf(file: Buffer, { offset, inFile }: Segment): Buffer {
  return file.subarray(offset, offset + inFile);
}

function note(name: string, content: Buffer): Buffer {
  const owner = Buffer.from(`${name}\0`);
  const head = Buffer.alloc(12);
  head.writeUInt32LE(owner.length, 0);
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, padded(owner), padded(content)]);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(roundUp(bytes.length, 4) - bytes.length)]);
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

/** Offset, count and index of names. */
function forgetSections(file: Buffer): void {
  file.writeBigUInt64LE(0n, 40);
  file.writeUInt16LE(0, 60);
  file.writeUInt16LE(0, 62);
}

/** Node looks for a blob only where this says so. */
function blowFuse(file: Buffer): void {
  const at = file.indexOf(`${FUSE}0`, 0, 'latin1');
  if (at < 0 || file.indexOf(FUSE, at + 1, 'latin1') >= 0) throw new Error('it has no fuse, or several');
  file.write('1', at + FUSE.length, 'latin1');
}
