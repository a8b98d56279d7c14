import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { embed } from '../../../tools/executable/embed.ts';

/** This very Node, which is the pinned one; that what comes of it runs is shown wherever the executable is tested. */
const node = readFileSync(process.execPath);
const BLOB = Buffer.from('blob, of an odd length');
/** Of an ELF header: where the table of segments begins, and how many there are. */
const TABLE = 64;
const COUNT = 56;

function changed(change: (file: Buffer) => unknown): Buffer {
  const file = Buffer.from(node);
  change(file);
  return file;
}

test('nothing that is loaded changes but the table, what stood behind it, and the fuse', () => {
  const executable = embed(node, BLOB);
  const count = node.readUInt16LE(COUNT);
  expect(executable.readUInt16LE(COUNT)).toBe(count + 1);
  expect(executable.includes(BLOB)).toBe(true);
  expect(executable.length).toBeLessThan(node.length);
  const fuse = executable.indexOf('NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:1');
  expect(fuse).toBeGreaterThan(0);
  const behind = TABLE + (count + 2) * 56;
  // What follows the fuse is far before the end of what is loaded.
  expect(executable.subarray(behind, fuse).equals(node.subarray(behind, fuse))).toBe(true);
  expect(executable.subarray(fuse + 50, fuse + 1_000_000).equals(node.subarray(fuse + 50, fuse + 1_000_000))).toBe(
    true,
  );
});

test.each([
  ['no ELF file', (file: Buffer) => file.write('MZ'), 'it is no ELF file'],
  ['another layout', (file: Buffer) => file.writeUInt16LE(file.readUInt16LE(COUNT) - 1, COUNT), 'cannot grow'],
  ['two parts with notes', (file: Buffer) => file.writeUInt32LE(4, TABLE + 2 * 56), '2 segments of type 4'],
  [
    'a fuse that is blown',
    (file: Buffer) => file.write('1', file.indexOf('NODE_SEA_FUSE_') + 47),
    'no fuse, or several',
  ],
])('%s is refused', (_, change, said) => {
  expect(() => embed(changed(change), BLOB)).toThrow(said);
});
