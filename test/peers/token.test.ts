import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { readTokenFile } from '../../src/peers/token-file.ts';
import { controlKey, newToken, parseToken, TokenError } from '../../src/peers/token.ts';
import { liveSystem } from '../../src/system/live.ts';

const GOOD = 'swt1.Nf9zQm3T0bYxkW7rLpA2cVhE8uJgD5iS-oB1MvKqRtY';
const text = (bytes: Uint8Array) => `swt1.${Buffer.from(bytes).toString('base64url')}`;

describe('a token', () => {
  test('of seaworthy is one, with space around it too', () => {
    expect(parseToken(GOOD)).toHaveLength(32);
    expect(parseToken(`\uFEFF ${GOOD}\r\n`)).toEqual(parseToken(GOOD));
    for (let count = 0; count < 2_000; count++) expect(parseToken(newToken())).toHaveLength(32);
  });

  test.each([
    ['nothing', '', 'there is no token'],
    ['space', ' \n', 'there is no token'],
    ['no prefix', GOOD.slice(5), 'begins with swt1.'],
    ['a prefix to come', GOOD.replace('swt1', 'swt2'), 'begins with swt1.'],
    ['the prefix alone', 'swt1.', 'too short'],
    ['half of it', GOOD.slice(0, 26), 'too short'],
    ['without its end', GOOD.slice(0, -1), 'too short'],
    ['with more', `${GOOD}AAAA`, 'too long'],
    ['two of them', `${GOOD}\n${GOOD}`, 'damaged|too long'],
    ['a last letter that says more than there are bytes', `${GOOD.slice(0, -1)}Z`, 'damaged'],
    ['padding', `${GOOD}=`, 'damaged'],
    ['the letters of another base64', GOOD.replace('-', '+'), 'damaged'],
    ['space within', `${GOOD.slice(0, 20)} ${GOOD.slice(20)}`, 'damaged'],
    ['zeros', text(new Uint8Array(32)), 'by chance'],
    ['one byte again and again', text(new Uint8Array(32).fill(0xd7)), 'by chance'],
    ['few bytes', text(Uint8Array.from({ length: 32 }, (_, index) => 0x80 + (index % 19) * 5)), 'by chance'],
    ['a sentence', text(Buffer.from('Correct horse, battery 9 staple!')), 'by chance'],
    ['hexadecimal digits', text(Buffer.from('9f86d081884c7d659a2feaa0c55ad015')), 'by chance'],
    ['small letters', 'swt1.thequickbrownfoxjumpsoverthelazydogxxmnqzb4', 'by chance'],
    ['capitals', 'swt1.THEQUICKBROWNFOXJUMPSOVERTHELAZYDOGXXMNQZBE', 'by chance'],
    ['letters in their order', 'swt1.ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrs'.slice(0, 47) + 'w', 'by chance'],
  ])('is not: %s', (_name, token, why) => {
    const error = refusalOf(token);
    expect(error).toBeInstanceOf(TokenError);
    expect(error.message).toMatch(new RegExp(`(?:${why}).*\`seaworthy token\``));
    const said = token.trim().slice(5);
    expect(error.message.includes(said.slice(0, 8)) && said !== '').toBe(false);
  });

  test('is never what people type', () => {
    const ascii = fc.array(fc.integer({ min: 0x20, max: 0x7e }), { minLength: 32, maxLength: 32 });
    const encoded = ascii.map((bytes) => text(Uint8Array.from(bytes)));
    const typed = fc.string({ maxLength: 100 }).map((said) => `swt1.${said}`);
    fc.assert(
      fc.property(fc.oneof(typed, encoded), (said) => {
        expect(refusalOf(said)).toBeInstanceOf(TokenError);
      }),
    );
  });

  test('gives one key, which is not the token', () => {
    const token = parseToken(GOOD);
    expect(controlKey(token)).toHaveLength(32);
    expect(controlKey(token)).toEqual(controlKey(parseToken(GOOD)));
    expect(controlKey(token)).not.toEqual(token);
    expect(controlKey(token)).not.toEqual(controlKey(parseToken(newToken())));
  });
});

function refusalOf(token: string): Error {
  try {
    parseToken(token);
  } catch (error) {
    if (error instanceof TokenError) return error;
    throw error;
  }
  throw new Error('it was taken for a token');
}

describe('a token file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'seaworthy-token-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const file = (name: string, content: string, mode = 0o600) => {
    const path = join(directory, name);
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  };
  const read = (path: string) => readTokenFile(liveSystem(), path);

  test.each([0o600, 0o400, 0o700, 0o611])('of mode %o is read', async (mode) => {
    expect(await read(file(`good-${mode}`, `${GOOD}\n`, mode))).toEqual(parseToken(GOOD));
  });

  test('is found behind a link', async () => {
    symlinkSync(file('target', GOOD), join(directory, 'link'));
    expect(await read(join(directory, 'link'))).toHaveLength(32);
  });

  test.each([0o640, 0o604, 0o620, 0o602, 0o644, 0o666])('of mode %o keeps no secret', async (mode) => {
    const path = file(`open ${mode}`, GOOD, mode);
    await expect(read(path)).rejects.toThrow(`chmod 600 '${path}'`);
  });

  test.each([
    ['an empty file', () => file('empty', ''), 'there is no token'],
    ['a long one', () => file('long', `${GOOD}${' '.repeat(2_000)}`), 'longer'],
    ['none', () => join(directory, 'none'), 'no such file'],
    ['a directory', () => directory, 'not a regular file'],
    ['a device', () => '/dev/zero', 'not a regular file'],
    [
      'a pipe that nobody writes to',
      () => {
        execFileSync('mkfifo', ['-m', '600', join(directory, 'pipe')]);
        return join(directory, 'pipe');
      },
      'not a regular file',
    ],
    [
      'bytes',
      () => {
        mkdirSync(join(directory, 'bytes'));
        const path = join(directory, 'bytes/file');
        writeFileSync(path, Buffer.from(Array.from({ length: 500 }, (_, index) => index % 256)), { mode: 0o600 });
        return path;
      },
      'begins with',
    ],
  ])('is not: %s', async (_name, path, why) => {
    await expect(read(path())).rejects.toThrow(why);
  });
});
