import { hkdfSync, randomBytes } from 'node:crypto';

const PREFIX = 'swt1.';
/** Bytes of a token. */
const TOKEN_BYTES = 32;

/** What is no token, in a sentence that does not repeat it. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
}

/** What all machines of a run share, as text. */
export function newToken(): string {
  for (;;) {
    const bytes = randomBytes(TOKEN_BYTES);
    if (!isHandMade(bytes)) return PREFIX + bytes.toString('base64url');
  }
}

/** The bytes of a token; space around it does not matter. Throws a TokenError. */
export function parseToken(text: string): Buffer {
  const token = text.trim();
  if (token === '') throw refused('there is no token in it');
  if (!token.startsWith(PREFIX)) throw refused(`a token begins with ${PREFIX}`);
  const body = token.slice(PREFIX.length);
  const bytes = Buffer.from(body, 'base64url');
  if (bytes.length !== TOKEN_BYTES) throw refused(`the token is too ${bytes.length < TOKEN_BYTES ? 'short' : 'long'}`);
  // Two texts for one token, or characters that were skipped: it was mistyped.
  if (bytes.toString('base64url') !== body) throw refused('the token is damaged');
  if (isHandMade(bytes)) throw refused('the token was not made by chance, so that it can be guessed');
  return bytes;
}

/** The key of the control channel; the token itself never goes there. */
export function controlKey(token: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', token, 'seaworthy', 'control channel', 32));
}

function refused(why: string): TokenError {
  return new TokenError(`${why}; \`seaworthy token\` makes one`);
}

/** Fewer different ones among 32 random bytes come once in 6,900,000,000 tokens. */
const FEWEST_DIFFERENT = 20;
/** Longer runs of one step from letter to letter come once in 10,000,000,000 tokens. */
const MOST_ALIKE_STEPS = 11;

/** Text, keys in a row, a pattern: what people type instead of a token. Of random ones it is fewer than one in a thousand million. */
function isHandMade(bytes: Buffer): boolean {
  const text = bytes.toString('base64url');
  return (
    new Set(bytes).size < FEWEST_DIFFERENT ||
    bytes.every((byte) => byte < 0x80) ||
    text === text.toLowerCase() ||
    text === text.toUpperCase() ||
    mostAlikeSteps(Buffer.from(text)) > MOST_ALIKE_STEPS
  );
}

/** How often the step is taken that is taken most often. */
function mostAlikeSteps(letters: Buffer): number {
  const counts = new Map<number, number>();
  for (const [index, letter] of letters.subarray(1).entries()) {
    const step = letter - (letters[index] ?? 0);
    counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  return Math.max(...counts.values());
}
