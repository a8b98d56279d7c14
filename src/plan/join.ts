import { formatEndpoint, parseEndpoint } from '../values/endpoint.ts';
import { nearest } from '../values/nearest.ts';
import { shellQuote } from '../values/shell.ts';
import { BadValue } from './errors.ts';
import { atCommas } from './layers.ts';
import type { JoinCommand, Settings } from './settings.ts';
import { shellWords } from './shell-words.ts';
import { ignoredNames, toAbsolutePath, toNodeIp, toNodeName, toPort } from './value-parsers.ts';

/** Flags of `kubeadm join`, old ones too, and whether a value follows: https://kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-join/ */
const FLAGS: Readonly<Record<string, 'value' | 'switch'>> = {
  '--apiserver-advertise-address': 'value',
  '--apiserver-bind-port': 'value',
  '--certificate-key': 'value',
  '--config': 'value',
  '--control-plane': 'switch',
  '--cri-socket': 'value',
  '--discovery-file': 'value',
  '--discovery-token': 'value',
  '--discovery-token-ca-cert-hash': 'value',
  '--discovery-token-unsafe-skip-ca-verification': 'switch',
  '--dry-run': 'switch',
  '--experimental-control-plane': 'switch',
  '--experimental-patches': 'value',
  '--feature-gates': 'value',
  '--ignore-preflight-errors': 'value',
  '--kubeconfig': 'value',
  '--node-name': 'value',
  '--patches': 'value',
  '--rootfs': 'value',
  '--skip-phases': 'value',
  '--tls-bootstrap-token': 'value',
  '--token': 'value',
  '--v': 'value',
  '-v': 'value',
};

/** Stands in the place of a token that was left out of what seaworthy prints; it reads back as no token. */
const WITHHELD = 'withheld';
const TOKEN = /^[a-z0-9]{6}\.[a-z0-9]{16}$/;

interface ParsedJoin {
  readonly join: JoinCommand;
  readonly implied: Partial<Settings>;
}

/** Reads a pasted `kubeadm join` line. Throws a BadValue that repeats nothing of it but names of flags: the token is in it. */
export function parseJoin(line: string): ParsedJoin {
  if (line.length > 16_384) throw new BadValue('is longer than a line of kubeadm join can be');
  const words = shellWords(line);
  if (words === null) throw new BadValue('has a quote that is not closed');
  const start = words.findIndex((word, index) => word === 'join' && /(?:^|\/)kubeadm$/.test(words[index - 1] ?? ''));
  if (start < 0)
    throw new BadValue('must be the whole line, beginning with kubeadm join', { allowed: 'kubeadm join …' });
  const { flags, positional } = readWords(words.slice(start + 1));
  for (const flag of ['--discovery-file', '--config'] as const) {
    if (flags.has(flag)) throw new BadValue(instead[flag]);
  }
  const join = {
    endpoint: endpointFrom(positional),
    token: tokenFrom(lastOf(flags, '--discovery-token') ?? lastOf(flags, '--token')),
    caCertHashes: (flags.get('--discovery-token-ca-cert-hash') ?? []).flatMap((value) => value.split(',')).map(toPin),
    unsafeSkipCaVerification: isOn(flags, '--discovery-token-unsafe-skip-ca-verification'),
    controlPlane: isOn(flags, '--control-plane') || isOn(flags, '--experimental-control-plane'),
  };
  return { join, implied: { ...impliedBy(join), ...impliedByFlags(flags) } };
}

const instead = {
  '--discovery-file': 'uses --discovery-file; leave --join out and name --control-plane-endpoint',
  '--config': 'uses --config; give that file to --config of seaworthy instead of --join',
} as const;

type Flags = ReadonlyMap<string, readonly string[]>;

function readWords(words: readonly string[]): { flags: Flags; positional: readonly string[] } {
  const flags = new Map<string, string[]>();
  const positional: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (!word.startsWith('-')) {
      positional.push(word);
      continue;
    }
    const [, name = '', value] = /^(-{1,2}[^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    const kind = FLAGS[name];
    if (kind === undefined) throw unknownFlag(name);
    const next = kind === 'value' && value === undefined ? words[++at] : undefined;
    if (kind === 'value' && value === undefined && next === undefined) throw new BadValue(`has no value after ${name}`);
    flags.set(name, [...(flags.get(name) ?? []), value ?? next ?? 'true']);
  }
  return { flags, positional };
}

function unknownFlag(name: string): BadValue {
  // Only what looks like a flag is repeated: a mangled line may hold the token anywhere.
  const shown = /^--?[a-z][a-z-]{0,40}$/.test(name)
    ? `the flag ${name}, which kubeadm join does not have`
    : 'a word with dashes that is no flag';
  return new BadValue(`has ${shown}`, { nearest: nearest(name, Object.keys(FLAGS)) });
}

function lastOf(flags: Flags, name: string): string | null {
  return flags.get(name)?.at(-1) ?? null;
}

function isOn(flags: Flags, name: string): boolean {
  return ['true', '1', 't'].includes((lastOf(flags, name) ?? '').toLowerCase());
}

function endpointFrom(positional: readonly string[]): string {
  const [text, ...more] = positional;
  if (text === undefined) throw new BadValue('has no HOST:PORT of the API server after kubeadm join');
  if (more.length > 0)
    throw new BadValue('has more than one word that is no flag; only HOST:PORT of the API server is one');
  return toJoinEndpoint(text);
}

/** kubeadm wants the port there; it knows no default for it. */
export function toJoinEndpoint(text: string): string {
  const endpoint = parseEndpoint(text, 6443);
  const portThere = /^(?:[^:]+|\[[^\]]+\]):\d+$/.test(text.trim());
  if (endpoint === null || !portThere) {
    throw new BadValue('must name the API server as HOST:PORT, such as 10.0.0.11:6443 or [fd00::11]:6443', {
      allowed: 'HOST:PORT',
    });
  }
  return formatEndpoint(endpoint);
}

export function tokenFrom(text: string | null): string | null {
  if (text === null)
    throw new BadValue(
      'has no --token; on a control plane, kubeadm token create --print-join-command prints the whole line',
    );
  if (text === WITHHELD) return null;
  if (!TOKEN.test(text)) {
    throw new BadValue('has a --token of another form than six letters or digits, a dot and sixteen more', {
      allowed: '[a-z0-9]{6}.[a-z0-9]{16}',
    });
  }
  return text;
}

/** A hash of the CA's public key, as kubeadm compares it: without regard to case. */
export function toPin(text: string): string {
  const pin = text.trim().toLowerCase();
  if (!/^sha256:[0-9a-f]{64}$/.test(pin)) {
    throw new BadValue('has a --discovery-token-ca-cert-hash that is not sha256: and 64 hexadecimal digits', {
      allowed: 'sha256:…',
    });
  }
  return pin;
}

/** What joining says of the node, however it was said. Who joins has not joined: what an earlier cluster left on the disk does not count. */
export function impliedBy({ endpoint, controlPlane }: JoinCommand): Partial<Settings> {
  return { role: [controlPlane ? 'control-plane' : 'worker'], stage: 'fresh', controlPlaneEndpoint: endpoint };
}

function impliedByFlags(flags: Flags): Partial<Settings> {
  const said = <T>(
    name: string,
    key: string,
    parse: (text: string) => T,
    text = lastOf(flags, name),
  ): Record<string, T> => {
    if (text === null || text === '') return {};
    try {
      return { [key]: parse(text) };
    } catch (error) {
      if (error instanceof BadValue) throw new BadValue(`has a ${name} that ${error.message}`, error);
      throw error;
    }
  };
  const ignored = (flags.get('--ignore-preflight-errors') ?? []).filter((value) => value.trim() !== '').join(',');
  return {
    ...said('--cri-socket', 'criSocket', toAbsolutePath),
    ...said('--node-name', 'nodeName', toNodeName),
    ...said('--apiserver-advertise-address', 'advertiseAddress', toNodeIp),
    ...said('--apiserver-bind-port', 'apiServerPort', toPort),
    ...said('--ignore-preflight-errors', 'ignorePreflightErrors', (text) => ignoredNames(atCommas(text)), ignored),
  };
}

/** The line again, without its token. */
export function formatJoin({ endpoint, caCertHashes, unsafeSkipCaVerification, controlPlane }: JoinCommand): string {
  return [
    'kubeadm join',
    endpoint,
    `--token ${WITHHELD}`,
    ...caCertHashes.map((pin) => `--discovery-token-ca-cert-hash ${shellQuote(pin)}`),
    ...(unsafeSkipCaVerification ? ['--discovery-token-unsafe-skip-ca-verification'] : []),
    ...(controlPlane ? ['--control-plane'] : []),
  ].join(' ');
}
