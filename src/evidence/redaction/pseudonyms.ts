import { randomBytes } from 'node:crypto';
import { SHARED_MACS } from '../../kubernetes/cluster-interfaces.ts';
import { PLACEHOLDER_UUIDS } from '../../kubernetes/placeholder-uuids.ts';
import { printable } from '../../values/printable.ts';
import { addressMap, type AddressMap } from './addresses.ts';
import { nextForm, type Form } from './forms.ts';
import type { Named, NameKind } from './names.ts';

/** The same replacement for the same thing, wherever it stands. */
export interface Pseudonyms {
  /** A field that holds a name and nothing else. */
  readonly name: (name: string) => string;
  /** Any text: names as whole words, and what its form tells. */
  readonly text: (text: string) => string;
}

interface Replaced {
  readonly start: number;
  readonly text: string;
  readonly by: string;
}

/** So often another key is tried, for one that turns no address into another one of the documents. */
const TRIES = 50;
/** A network with fewer bits of its own has too few places to go. */
const FEW_BITS = 8;

/**
 * @param named Every name of the documents.
 * @param texts All texts of the documents: what is in them is no replacement for something else.
 * @param isOrdinary Whether a name is a word of our own sentences. It then stays in text, where nobody could tell which is which and the sentence would break.
 */
export function pseudonymsOf(
  named: readonly Named[],
  texts: readonly string[],
  isOrdinary: (word: string) => boolean,
): Pseudonyms {
  const forms = new Map(texts.flatMap(formsIn).map((form) => [form.text.toLowerCase(), form]));
  const taken = new Set([...forms.keys(), ...named.map(({ name }) => name.toLowerCase())]);
  const ofName = namesFor(named, taken);
  const ofForm = formsFor([...forms.values()], taken);
  const inText = wordsOf([...ofName].filter(([name]) => !isNobodys(name) && !isOrdinary(name.trim())));

  const text = (original: string): string => {
    let out = '';
    let from = 0;
    let form = nextForm(original, 0);
    let word = inText(original, 0);
    while (form !== null || word !== null) {
      // What begins first, and of two the longer one: an address in a name is part of it, and a name in an address is none.
      const byName =
        word !== null &&
        (form === null ||
          word.start < form.start ||
          (word.start === form.start && word.text.length >= form.text.length));
      const next: Replaced | null = byName ? word : form === null ? null : { ...form, by: ofForm(form) };
      if (next === null) break;
      out += original.slice(from, next.start) + next.by;
      from = next.start + next.text.length;
      if (form !== null && form.start < from) form = nextForm(original, from);
      if (word !== null && word.start < from) word = inText(original, from);
    }
    return out + original.slice(from);
  };
  const name = (original: string): string => {
    const known = ofName.get(original.toLowerCase());
    if (known !== undefined) return known;
    // Of clones: the name, and where each was read.
    const [, own, where] = /^(.+) \((.+)\)$/s.exec(original) ?? [];
    return own === undefined || where === undefined ? text(original) : `${name(own)} (${name(where)})`;
  };
  return { name, text };
}

/** A single letter and a number are in every text. */
function isNobodys(name: string): boolean {
  const letters = name.replaceAll(/[^\p{L}\p{N}]/gu, '');
  return letters.length < 2 || /^\d+$/.test(letters);
}

function formsIn(text: string): Form[] {
  const found: Form[] = [];
  for (let form = nextForm(text, 0); form !== null; form = nextForm(text, form.start + form.text.length))
    found.push(form);
  return found;
}

/** By name in lower case. */
function namesFor(named: readonly Named[], taken: ReadonlySet<string>): ReadonlyMap<string, string> {
  const counts = new Map<string, number>();
  const fresh = (kind: NameKind, isValid: boolean): string => {
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    // What is no valid name stays none.
    const made = `${kind}${isValid ? '-' : '_'}${count}${kind === 'domain' ? '.example' : ''}`;
    return taken.has(made) ? fresh(kind, isValid) : made;
  };
  const known = new Map<string, string>();
  for (const { kind, name } of named) {
    const lower = name.toLowerCase();
    if (known.has(lower)) continue;
    const dot = lower.indexOf('.');
    const [label, domain] = [known.get(lower.slice(0, dot)), known.get(lower.slice(dot + 1))];
    const whole = kind !== 'domain' && dot > 0 && label !== undefined;
    const isValid =
      (kind !== 'node' && kind !== 'host') || /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(lower.split('.')[0] ?? '');
    const by = whole ? `${label}.${domain ?? 'example'}` : fresh(kind, isValid);
    known.set(lower, by);
    // As others cut it, print it and quote it.
    for (const other of [lower.slice(0, 64), printable(lower), lower.replaceAll("'", `'\\''`)])
      if (!known.has(other)) known.set(other, by);
  }
  return known;
}

/** Finds names as whole words, the longest first; what they are made of means nothing but itself. */
function wordsOf(names: readonly (readonly [string, string])[]): (text: string, from: number) => Replaced | null {
  const byWord = new Map<string, { lead: number; name: string; by: string }[]>();
  for (const [name, by] of names) {
    const first = /[\p{L}\p{N}]+/u.exec(name);
    if (first === null) continue;
    const same = byWord.get(first[0]) ?? [];
    byWord.set(
      first[0],
      [...same, { lead: first.index, name, by }].sort((a, b) => b.name.length - a.name.length),
    );
  }
  return (text, from) => {
    const words = /[\p{L}\p{N}]+/gu;
    words.lastIndex = from;
    for (let match = words.exec(text); match !== null; match = words.exec(text)) {
      // Behind what was replaced just now no word begins.
      if (match.index === from && isLetter(text, from - 1)) continue;
      for (const { lead, name, by } of byWord.get(match[0].toLowerCase()) ?? []) {
        const start = match.index - lead;
        const found = text.slice(start, start + name.length);
        if (start < from || found.toLowerCase() !== name || isSplit(text, start) || isSplit(text, start + name.length))
          continue;
        return { start, text: found, by };
      }
    }
    return null;
  };
}

function isSplit(text: string, at: number): boolean {
  return isLetter(text, at - 1) && isLetter(text, at);
}

function isLetter(text: string, at: number): boolean {
  return at >= 0 && /[\p{L}\p{N}]/u.test(text[at] ?? '');
}

/** What its form tells, by kind. */
function formsFor(forms: readonly Form[], taken: ReadonlySet<string>): (form: Form) => string {
  const address = addressesFor(forms, taken);
  const known = new Map<string, string>();
  let count = 0;
  const fresh = (make: (number: number) => string): string => {
    const made = make(++count);
    return taken.has(made) ? fresh(make) : made;
  };
  return ({ kind, text }) => {
    if (kind === 'token') return '(token)';
    if (kind === 'address') return hiddenAddress(text, address);
    const lower = text.toLowerCase();
    if (isEverybodys(lower)) return text;
    const by = known.get(lower) ?? fresh(kind === 'mac' ? macLike(lower) : idLike(lower));
    known.set(lower, by);
    return /[A-F]/.test(text) ? by.toUpperCase() : by;
  };
}

/** Of what is no network, since its prefix is too long, the address. */
function hiddenAddress(text: string, address: AddressMap): string {
  const bare = text.replace(/\/\d+$/, '');
  return address(text)?.text ?? `${address(bare)?.text ?? '(address)'}${text.slice(bare.length)}`;
}

function addressesFor(forms: readonly Form[], taken: ReadonlySet<string>): AddressMap {
  const addresses = forms.filter(({ kind }) => kind === 'address');
  for (let left = TRIES; ; left--) {
    const map = memoised(addressMap(randomBytes(32)));
    const collides = addresses.some(({ text }) => {
      const by = map(text);
      return by !== null && by.freeBits >= FEW_BITS && taken.has(by.text.toLowerCase());
    });
    if (!collides || left === 0) return map;
  }
}

function memoised(map: AddressMap): AddressMap {
  const known = new Map<string, ReturnType<AddressMap>>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const by = map(text);
    known.set(text, by);
    return by;
  };
}

/** What vendors and add-ons leave on every machine. */
function isEverybodys(text: string): boolean {
  const digits = text.replaceAll(/[:-]/g, '');
  return /^(.)\1*$/.test(digits) || SHARED_MACS.includes(text) || PLACEHOLDER_UUIDS.includes(text);
}

/** The bits that tell group addresses and locally administered ones from others stay. */
function macLike(mac: string): (number: number) => string {
  const bits = Number.parseInt(mac.slice(0, 2), 16) & 3;
  const dash = mac[2] ?? ':';
  return (number) => {
    const digits = number.toString(16).padStart(10, '0');
    return [`0${bits}`, ...(digits.match(/../g) ?? [])].join(dash);
  };
}

/** Of the same shape, with the number at its end. */
function idLike(id: string): (number: number) => string {
  return (number) => {
    const digits = `a${number.toString(16).padStart(id.replaceAll(/[^0-9a-f]/g, '').length - 1, '0')}`;
    let at = 0;
    return id.replaceAll(/[0-9a-f]/g, () => digits[at++] ?? '0');
  };
}
