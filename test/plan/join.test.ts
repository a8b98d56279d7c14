import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { BadValue } from '../../src/plan/errors.ts';
import { formatJoin, parseJoin } from '../../src/plan/join.ts';
import { shellWords } from '../../src/plan/shell-words.ts';
import { shellQuote } from '../../src/values/shell.ts';

const TOKEN = 'abcdef.0123456789abcdef';
const PIN = `sha256:${'ab'.repeat(32)}`;

test('the line as kubeadm prints it', () => {
  const line = `kubeadm join 10.0.0.11:6443 --token ${TOKEN} \\\n\t--discovery-token-ca-cert-hash ${PIN} `;
  expect(parseJoin(line)).toEqual({
    join: {
      endpoint: '10.0.0.11:6443',
      token: TOKEN,
      caCertHashes: [PIN],
      unsafeSkipCaVerification: false,
      controlPlane: false,
    },
    implied: { role: ['worker'], stage: 'fresh', controlPlaneEndpoint: '10.0.0.11:6443' },
  });
});

test('a control plane, under sudo, with everything', () => {
  const line = `$ sudo -E /usr/bin/kubeadm join --token='${TOKEN}' "[fd00::11]:6443" --control-plane --certificate-key ${'c'.repeat(64)} --cri-socket unix:///run/crio/crio.sock --node-name CP2 --ignore-preflight-errors=Swap,NumCPU --apiserver-advertise-address 10.0.0.12 --apiserver-bind-port 7443 --discovery-token-ca-cert-hash ${PIN.toUpperCase().replace('SHA', 'sha')} --v=5`;
  expect(parseJoin(line)).toMatchObject({
    join: { endpoint: '[fd00::11]:6443', token: TOKEN, caCertHashes: [PIN], controlPlane: true },
    implied: {
      role: ['control-plane'],
      criSocket: '/run/crio/crio.sock',
      nodeName: 'cp2',
      ignorePreflightErrors: ['Swap', 'NumCPU'],
      advertiseAddress: '10.0.0.12',
      apiServerPort: 7443,
    },
  });
});

test('a continued line whose line break was lost', () => {
  expect(
    parseJoin(`kubeadm join h:6443 --token ${TOKEN} \\ --discovery-token-unsafe-skip-ca-verification`).join,
  ).toMatchObject({
    endpoint: 'h:6443',
    unsafeSkipCaVerification: true,
  });
  expect(parseJoin(`kubeadm join h:6443 \\\r\n --token ${TOKEN}`).join.token).toBe(TOKEN);
});

test.each([
  ['', 'must be the whole line, beginning with kubeadm join'],
  ['kubeadm init', 'must be the whole line, beginning with kubeadm join'],
  [`kubeadm join --token ${TOKEN}`, 'has no HOST:PORT of the API server after kubeadm join'],
  [
    `kubeadm join 10.0.0.11 --token ${TOKEN}`,
    'must name the API server as HOST:PORT, such as 10.0.0.11:6443 or [fd00::11]:6443',
  ],
  [
    `kubeadm join fd00::11 --token ${TOKEN}`,
    'must name the API server as HOST:PORT, such as 10.0.0.11:6443 or [fd00::11]:6443',
  ],
  [
    `kubeadm join a:1 b:2 --token ${TOKEN}`,
    'has more than one word that is no flag; only HOST:PORT of the API server is one',
  ],
  [
    'kubeadm join a:1',
    'has no --token; on a control plane, kubeadm token create --print-join-command prints the whole line',
  ],
  ['kubeadm join a:1 --token', 'has no value after --token'],
  [
    'kubeadm join a:1 --token ABCDEF.0123456789abcdef',
    'has a --token of another form than six letters or digits, a dot and sixteen more',
  ],
  [
    `kubeadm join a:1 --token ${TOKEN} --discovery-token-ca-cert-hash sha256:12`,
    'has a --discovery-token-ca-cert-hash that is not sha256: and 64 hexadecimal digits',
  ],
  [`kubeadm join a:1 --tokn ${TOKEN}`, 'has the flag --tokn, which kubeadm join does not have'],
  [`kubeadm join a:1 --${TOKEN}`, 'has a word with dashes that is no flag'],
  [`kubeadm join a:1 --token '${TOKEN}`, 'has a quote that is not closed'],
  [
    `kubeadm join a:1 --token ${TOKEN} --node-name _`,
    'has a --node-name that must be a name of lower-case letters, digits, dots and dashes that begins and ends with a letter or digit',
  ],
  ['kubeadm join --discovery-file f', 'uses --discovery-file; leave --join out and name --control-plane-endpoint'],
  ['kubeadm join --config f', 'uses --config; give that file to --config of seaworthy instead of --join'],
])('%s', (line, message) => {
  expect(() => parseJoin(line)).toThrow(message);
});

test('an ignore list that kubeadm refuses', () => {
  const line = (names: string) => `kubeadm join a:1 --token ${TOKEN} ${names}`;
  expect(parseJoin(line('--ignore-preflight-errors=all')).implied.ignorePreflightErrors).toEqual(['all']);
  expect(parseJoin(line('--ignore-preflight-errors=Swap --ignore-preflight-errors Mem')).implied).toMatchObject({
    ignorePreflightErrors: ['Swap', 'Mem'],
  });
  expect(() => parseJoin(line('--ignore-preflight-errors=Swap --ignore-preflight-errors all'))).toThrow(
    'has a --ignore-preflight-errors that must be names, or all alone',
  );
});

test('printed, it has no token, and reads back otherwise the same', () => {
  const { join } = parseJoin(
    `kubeadm join [fd00::1]:6443 --token ${TOKEN} --discovery-token-ca-cert-hash ${PIN} --control-plane`,
  );
  const text = formatJoin(join);
  expect(text).not.toContain('abcdef.');
  expect(parseJoin(text).join).toEqual({ ...join, token: null });
});

/** What is said against a line; empty when nothing is. Anything but a BadValue is a fault of the parser. */
function refusal(parse: () => unknown): string {
  try {
    parse();
    return '';
  } catch (error) {
    if (error instanceof BadValue) return error.message;
    throw error;
  }
}

test('whatever is pasted, it is a line or a BadValue that does not repeat the token', () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.constantFrom(
      'kubeadm',
      'join',
      '--token',
      TOKEN,
      `--token=${TOKEN}`,
      `--${TOKEN}`,
      'a:1',
      '\\',
      "'",
      '"',
      '\\\n',
      '--control-plane',
      '--',
      '-',
      `-${TOKEN}`,
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
      const said = refusal(() => parseJoin(['kubeadm join', ...pieces].join(' ')));
      expect(said).not.toContain('0123456789abcdef');
    }),
  );
});

test('words that were quoted for a shell come back', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 })), (words) => {
      expect(shellWords(words.map(shellQuote).join(' '))).toEqual(words);
    }),
  );
});
