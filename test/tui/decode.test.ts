import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDecoder, type Input } from '../../src/tui/terminal/decode.ts';

function decoded(...chunks: readonly string[]): Input[] {
  const decoder = createDecoder();
  return [...chunks.flatMap((chunk) => decoder.feed(Buffer.from(chunk))), ...decoder.flush()];
}

const keys = (...chunks: readonly string[]) =>
  decoded(...chunks).map((input) => (input.type === 'key' ? input.key : `paste ${input.text}`));

test('keys have names, whichever way a terminal says them', () => {
  expect(keys('\u001B[A\u001BOB\u001B[C\u001B[D')).toEqual(['up', 'down', 'right', 'left']);
  expect(keys('\u001B[5~\u001B[6~\u001B[H\u001BOF\u001B[1~\u001B[4~')).toEqual([
    'pageup',
    'pagedown',
    'home',
    'end',
    'home',
    'end',
  ]);
  expect(keys('\r\n\t\u007F\b\u0003\u001A\u001C')).toEqual([
    'enter',
    'enter',
    'tab',
    'backspace',
    'backspace',
    'ctrl-c',
    'ctrl-z',
    'ctrl-\\',
  ]);
  expect(keys('\u001B')).toEqual(['escape']);
  expect(keys('\u001B[Z')).toEqual(['shift-tab']);
});

test('what is typed fast arrives together, and is read key by key', () => {
  expect(keys('ab\r')).toEqual(['a', 'b', 'enter']);
  expect(keys('\u001Bm')).toEqual(['escape', 'm']);
  expect(keys('\u001B\u001B\u001B[A')).toEqual(['escape', 'escape', 'up']);
});

test('sequences that mean nothing here type no letters', () => {
  for (const sequence of [
    '\u001B[1;5P',
    '\u001B[25;5~',
    '\u001B[1;5I',
    '\u001B[<0;10;5M',
    '\u001B[M !!',
    '\u001B[[A',
    '\u001B[I',
    '\u001B]11;rgb:0000/0000/0000\u0007',
    '\u001B]11;rgb:0/0/0\u001B\\',
    '\u001BP1+r544e\u001B\\',
    '\u001B[?62;4c',
    '\u001B[97;5u',
    '\u001BOP',
    '\u001B[1;2A',
  ]) {
    expect(keys(`${sequence}q`)).toEqual(['q']);
  }
});

test('a paste is one piece, with whatever stands in it', () => {
  expect(keys('a\u001B[200~swt1.q\nr\u001B[A\u001B[201~b')).toEqual(['a', 'paste swt1.q\nr\u001B[A', 'b']);
});

test('letters of any language, cut anywhere', () => {
  const bytes = Buffer.from('é漢😀q');
  const decoder = createDecoder();
  const inputs = [...bytes].flatMap((byte) => decoder.feed(Uint8Array.of(byte)));
  expect(inputs.map((input) => input.type === 'key' && input.key)).toEqual(['é', '漢', '😀', 'q']);
});

/** What a terminal may send, and what nobody should. */
const pieces = fc.constantFrom(
  'a',
  'é',
  '😀',
  '\u001B',
  '\u001B[',
  '\u001B[A',
  '\u001BO',
  '\u001B[1;5P',
  '\u001B[200~',
  '\u001B[201~',
  '\r',
  '\u001B]0;',
  '\u0007',
  '\u001B\\',
  '[',
  '~',
  ';',
  '5',
  'M',
  '\u001B[M',
  '\u001B[<0;1;1M',
);

test('however the bytes are cut, the keys are the same', () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), fc.array(fc.nat(60)), (sent, cuts) => {
      const bytes = Buffer.from(sent.join(''));
      const whole = createDecoder();
      const cut = createDecoder();
      const places = [...new Set([...cuts.map((place) => place % (bytes.length + 1)), bytes.length])].sort(
        (a, b) => a - b,
      );
      const piecemeal = places.flatMap((place, index) => cut.feed(bytes.subarray(places[index - 1] ?? 0, place)));
      expect([...piecemeal, ...cut.flush()]).toEqual([...whole.feed(bytes), ...whole.flush()]);
    }),
    { numRuns: 2_000 },
  );
});

test('bytes of any kind break nothing, and are not kept for ever', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
      const decoder = createDecoder();
      for (const chunk of chunks) decoder.feed(chunk);
      decoder.flush();
      expect(decoder.waiting).toBe(false);
    }),
  );
});
