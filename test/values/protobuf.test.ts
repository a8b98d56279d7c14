import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { messageFields, numberField, readMessage, stringField, writeMessage } from '../../src/values/protobuf.ts';

const fields = fc.array(
  fc.tuple(
    fc.integer({ min: 1, max: 2 ** 29 - 1 }),
    fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    ),
  ),
  { maxLength: 10 },
);

test('what is written is read back', () => {
  fc.assert(
    fc.property(fields, (written) => {
      const message = readMessage(writeMessage(written));
      const expected = new Map<number, (bigint | Buffer)[]>();
      for (const [number, value] of written) expected.set(number, [...(expected.get(number) ?? []), value]);
      expect(message).toEqual(expected);
    }),
  );
});

test('any bytes are a message or null', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      const message = readMessage(Buffer.from(bytes));
      if (message === null) return;
      for (const number of message.keys()) {
        expect(typeof stringField(message, number)).toBe('string');
        expect(typeof numberField(message, number)).toBe('number');
        expect(Array.isArray(messageFields(message, number))).toBe(true);
      }
    }),
  );
});

test.each([
  ['a tag without a value', '08'],
  ['a length beyond the end', '0a05616263'],
  ['a varint that never ends', '08ffffffffffffffffffff01'],
  ['the field number 0', '0001'],
  ['a group', '0b0c'],
])('%s is no message', (_name, hex) => {
  expect(readMessage(Buffer.from(hex, 'hex'))).toBeNull();
});

test('absent fields are empty, repeated ones all there', () => {
  const inner = (text: string) =>
    writeMessage([
      [1, Buffer.from(text)],
      [2, 1n],
    ]);
  const message = readMessage(
    writeMessage([
      [3, inner('a')],
      [3, inner('b')],
    ]),
  );
  expect(message).not.toBeNull();
  if (message === null) return;
  expect(messageFields(message, 3).map((each) => [stringField(each, 1), numberField(each, 2)])).toEqual([
    ['a', 1],
    ['b', 1],
  ]);
  expect(stringField(message, 9)).toBe('');
  expect(numberField(message, 9)).toBe(0);
});
