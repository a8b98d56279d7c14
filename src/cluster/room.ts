/** How much of what a server sends may be held at a time, so that none fills the memory of this machine. */
export interface Room {
  /** False where it is more than there is room for. */
  take(amount: number): boolean;
  /** It is held no longer. */
  leave(amount: number): void;
}

export function roomFor(most: number): Room {
  let held = 0;
  return {
    take: (amount) => {
      held += amount;
      return held <= most;
    },
    leave: (amount) => void (held -= amount),
  };
}

/** An object or a key is about so much more in memory than the two characters that it may take as JSON: measured with V8 of Node 24. Bytes. */
const EACH = 100;

/** What a JSON text is about in memory once it is parsed. Bytes. */
export function weightOf(json: string): number {
  let values = 0;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === COMMA || code === BRACKET || code === BRACE) values++;
  }
  return json.length + values * EACH;
}

const COMMA = 0x2c;
const BRACKET = 0x5b;
const BRACE = 0x7b;
