import { StringDecoder } from 'node:string_decoder';

/** What somebody did at the keyboard. */
export type Input =
  /** A character as it is, or a name: `up`, `enter`, `ctrl-c`, `backspace`. */
  | { readonly type: 'key'; readonly key: string }
  /** What was pasted, in one piece. */
  | { readonly type: 'paste'; readonly text: string };

export interface Decoder {
  /** What these bytes complete. */
  feed(bytes: Uint8Array): Input[];
  /** A lone Escape or the beginning of a sequence waits for its end. */
  readonly waiting: boolean;
  /** Nothing came after it for a while: an Escape is the key, the beginning of a sequence is nothing. */
  flush(): Input[];
}

const ESCAPE = '\u001B';
const BELL = '\u0007';
const PASTE_BEGINS = `${ESCAPE}[200~`;
const PASTE_ENDS = `${ESCAPE}[201~`;
/** Characters; what is longer is cut, so that nobody fills the memory with it. */
const LONGEST_PASTE = 100_000;

/** By the last character of a control sequence without parameters. */
const CURSOR: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  Z: 'shift-tab',
};
/** By the number before `~`. */
const EDITING: Readonly<Record<string, string>> = {
  '1': 'home',
  '3': 'delete',
  '4': 'end',
  '5': 'pageup',
  '6': 'pagedown',
  '7': 'home',
  '8': 'end',
};

/** Bytes of a terminal as keys, however they are cut. Sequences that mean nothing here are dropped whole: Ctrl-F1 types no letters. */
export function createDecoder(): Decoder {
  const utf8 = new StringDecoder('utf8');
  let rest = '';
  let pasted: string | null = null;

  const take = (): Input[] => {
    const inputs: Input[] = [];
    while (rest !== '') {
      if (pasted !== null) {
        const end = rest.indexOf(PASTE_ENDS);
        // The beginning of the mark may be at the very end.
        const upTo = end < 0 ? Math.max(0, rest.length - PASTE_ENDS.length) : end;
        pasted = (pasted + rest.slice(0, upTo)).slice(0, LONGEST_PASTE);
        rest = rest.slice(upTo);
        if (end < 0) return inputs;
        rest = rest.slice(PASTE_ENDS.length);
        inputs.push({ type: 'paste', text: pasted });
        pasted = null;
        continue;
      }
      const length = lengthOfFirst(rest);
      if (length === null) return inputs;
      const first = rest.slice(0, length);
      rest = rest.slice(length);
      if (first === PASTE_BEGINS) pasted = '';
      else {
        const key = keyOf(first);
        if (key !== null) inputs.push({ type: 'key', key });
      }
    }
    return inputs;
  };

  return {
    feed: (bytes) => {
      rest += utf8.write(bytes);
      return take();
    },
    get waiting() {
      return rest !== '' && pasted === null;
    },
    flush: () => {
      if (pasted !== null) return [];
      const escape = rest.startsWith(ESCAPE) && rest.length === 1;
      // ESC [ or ESC O may have been Alt and a letter; neither means anything here.
      rest = '';
      return escape ? [{ type: 'key', key: 'escape' }] : [];
    },
  };
}

/** Length of the key, sequence or string that a text begins with; null while it is not complete. */
function lengthOfFirst(text: string): number | null {
  if (!text.startsWith(ESCAPE)) return (text.codePointAt(0) ?? 0) > 0xff_ff ? 2 : 1;
  const second = text[1];
  if (second === undefined) return null;
  if (second === '[') {
    // A mouse report of the old kind: three bytes of any value follow.
    if (text[2] === 'M') return text.length < 6 ? null : 6;
    // The console of Linux: function keys.
    if (text[2] === '[') return text.length < 4 ? null : 4;
    return endOf(text, /^[0-?]*[ -/]*/u);
  }
  if (second === 'O') return endOf(text, /^[0-9;]*/u);
  if ('P]X^_'.includes(second)) return lengthOfString(text);
  // Alt and a key means nothing here: it is Escape and then that key, typed fast.
  return 1;
}

/** The parameters, and the one character behind them; a control character ends a broken sequence and is not part of it. */
function endOf(text: string, parameters: RegExp): number | null {
  const end = 2 + (parameters.exec(text.slice(2))?.[0].length ?? 0);
  const last = text[end];
  if (last === undefined) return end > LONGEST_SEQUENCE ? end : null;
  return last < ' ' ? end : end + 1;
}

const LONGEST_SEQUENCE = 64;

/** What a terminal answers to a question: up to BEL or ST. */
function lengthOfString(text: string): number | null {
  const ends = [BELL, `${ESCAPE}\\`].map((mark) => ({ mark, at: text.indexOf(mark) })).filter(({ at }) => at >= 0);
  const [end] = ends.sort((a, b) => a.at - b.at);
  if (end !== undefined) return end.at + end.mark.length;
  return text.length > LONGEST_ANSWER ? text.length : null;
}

const LONGEST_ANSWER = 4_096;

const CONTROL: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\u007F': 'backspace',
  '\b': 'backspace',
  [ESCAPE]: 'escape',
  '\0': 'ctrl-space',
  '\u001C': 'ctrl-\\',
};

function keyOf(first: string): string | null {
  const control = CONTROL[first];
  if (control !== undefined) return control;
  if (!first.startsWith(ESCAPE)) {
    const code = first.codePointAt(0) ?? 0;
    if (code < 0x20) return `ctrl-${String.fromCodePoint(code + 0x60)}`;
    return code >= 0x80 && code < 0xa0 ? null : first;
  }
  const [, kind, parameters = '', last = ''] = /^([[O])([0-9;]*)(.)$/u.exec(first.slice(1)) ?? [];
  if (kind === undefined) return null;
  if (last === '~') return EDITING[parameters] ?? null;
  if (kind === 'O' && last === 'M') return 'enter';
  return parameters === '' || parameters === '1' ? (CURSOR[last] ?? null) : null;
}
