import { parseIp } from '../../values/ip.ts';

type FormKind = 'mac' | 'uuid' | 'address' | 'token' | 'id';

/** What its mere form tells to be an address or an identity. */
export interface Form {
  readonly kind: FormKind;
  readonly start: number;
  readonly text: string;
}

const FORMS = new RegExp(
  [
    '(?<uuid>(?<![0-9a-z])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-z]))',
    // Hardware addresses of six octets, and longer ones; fingerprints of keys.
    '(?<octets>(?<![0-9a-z])[0-9a-f]{2}(?<dash>[:-])[0-9a-f]{2}(?:\\k<dash>[0-9a-f]{2}){4,}(?![0-9a-z]))',
    '(?<six>(?<![0-9a-z])(?=[0-9a-f.]*:[0-9a-f.]*:)[0-9a-f:.]+(?:%[\\w.-]*\\w)?(?:/\\d{1,3}(?!\\d))?)',
    '(?<four>(?<![\\d.])\\d{1,3}(?:\\.\\d{1,3}){3}(?!\\d|\\.\\d)(?:/\\d{1,2}(?![\\d.]))?)',
    // Of a bootstrap token: https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/#token-format
    '(?<token>(?<![0-9a-z])(?:swt1\\.[\\w-]+|(?=[a-z.]*\\d)[0-9a-z]{6}\\.[0-9a-z]{16}(?![0-9a-z])))',
    // machine-id, containers, pins of keys; a shorter one has letters and digits, so that it is no number and no word.
    '(?<id>(?<![0-9a-z])(?:[0-9a-f]{32,}|(?=\\d*[a-f])(?=[a-f]*\\d)[0-9a-f]{12,31})(?![0-9a-z]))',
  ].join('|'),
  'gi',
);

/** The first one from a place on. */
export function nextForm(text: string, from: number): Form | null {
  FORMS.lastIndex = from;
  for (let match = FORMS.exec(text); match !== null; match = FORMS.exec(text)) {
    const form = formOf(match.index, match.groups ?? {});
    if (form !== null) return form;
    FORMS.lastIndex = match.index + 1;
  }
  return null;
}

function formOf(start: number, groups: Readonly<Record<string, string | undefined>>): Form | null {
  const { uuid, octets, six, four, token, id } = groups;
  if (uuid !== undefined) return { kind: 'uuid', start, text: uuid };
  if (octets !== undefined) return { kind: octets.length === 17 ? 'mac' : 'id', start, text: octets };
  if (six !== undefined) return addressIn(six, start);
  if (four !== undefined) return addressIn(four, start);
  if (token !== undefined) return { kind: 'token', start, text: token };
  return id === undefined ? null : { kind: 'id', start, text: id };
}

/** Without the punctuation around it. */
function addressIn(text: string, start: number): Form | null {
  for (const lead of [0, 1]) {
    for (const trail of [0, 1, 2]) {
      const inner = text.slice(lead, text.length - trail);
      const isOuter = /^[:.]*$/.test(text.slice(0, lead) + text.slice(text.length - trail));
      if (isOuter && parseIp(inner.replace(/[%/].*$/s, '')) !== null) {
        return { kind: 'address', start: start + lead, text: inner };
      }
    }
  }
  return null;
}
