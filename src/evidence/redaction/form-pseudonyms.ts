import { randomBytes } from 'node:crypto';
import { SHARED_MACS } from '../../kubernetes/cluster-interfaces.ts';
import { PLACEHOLDER_UUIDS } from '../../kubernetes/placeholder-uuids.ts';
import { addressMap, type AddressMap } from './addresses.ts';
import type { Form } from './forms.ts';

/** So often another key is tried, for one that turns no address into another one of the documents. */
const TRIES = 50;

/** A network with fewer bits of its own has too few places to go. */
const FEW_BITS = 8;

/** What its form tells, by kind. */
export function formsFor(forms: readonly Form[], taken: ReadonlySet<string>): (form: Form) => string {
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
