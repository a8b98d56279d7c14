import { test } from 'vitest';
import check from '../../../checks/control-plane/join-command.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import type { Finding } from '../../../src/report/schema.ts';

const PIN = `sha256:${'ab'.repeat(32)}`;
const OTHER = `sha256:${'cd'.repeat(32)}`;
const join = {
  endpoint: '10.0.0.11:6443',
  token: 'abcdef.0123456789abcdef',
  caCertHashes: [PIN],
  unsafeSkipCaVerification: false,
  controlPlane: false,
};
const plan = { join };
const good = {
  endpoint: '10.0.0.11:6443',
  request: 'answered',
  status: 200,
  content: 'cluster-info' as const,
  server: 'https://10.0.0.11:6443',
  caPins: [PIN],
  pinMatches: true,
  serverChainsToCa: 'yes',
  advertised: null,
  tokenSignature: 'valid' as const,
};
type Seen = Omit<
  typeof good,
  'content' | 'tokenSignature' | 'status' | 'pinMatches' | 'serverChainsToCa' | 'server' | 'advertised'
> & {
  content: 'cluster-info' | 'not-cluster-info' | null;
  tokenSignature: 'valid' | 'invalid' | 'absent' | null;
  status: number | null;
  pinMatches: boolean | null;
  serverChainsToCa: string | null;
  server: string | null;
  advertised: { resolve: string; connect: string | null; request: string | null } | null;
};
const facts = (changed: Partial<Seen>) => ({ clusterInfo: { ...good, ...changed } });
const answer = (status: number | null, request = 'answered') =>
  facts({
    request,
    status,
    content: null,
    server: null,
    caPins: [],
    pinMatches: null,
    serverChainsToCa: null,
    tokenSignature: null,
  });
const server = (code: string) => facts({ serverChainsToCa: code });
const advertised = (resolve: string, connect: string | null = null, request: string | null = null) =>
  facts({ server: 'https://api.example.org:6443', advertised: { resolve, connect, request } });
const around = (...found: Partial<Finding>[]) => [
  { reason: 'pin-matches' },
  { reason: 'server-verified', subject: 'server' },
  ...found.map((each) => ({ subject: 'advertised server', ...each })),
  { reason: 'token-signed' },
];

testCheck(
  check,
  {
    judge: [
      {
        name: 'a good line',
        plan,
        facts: facts({}),
        expect: [
          { reason: 'pin-matches', status: 'pass' },
          { reason: 'server-verified', status: 'pass' },
          { reason: 'token-signed', status: 'pass' },
        ],
      },
      {
        name: 'another cluster',
        plan,
        facts: facts({ caPins: [OTHER], pinMatches: false, serverChainsToCa: null, tokenSignature: 'absent' }),
        expect: [{ reason: 'pin-mismatch', status: 'fail', expected: PIN, actual: OTHER }],
      },
      {
        name: 'the right cluster with an old hash',
        plan,
        facts: facts({ caPins: [OTHER], pinMatches: false, serverChainsToCa: null }),
        expect: [
          {
            reason: 'pin-mismatch',
            message:
              'The cluster at 10.0.0.11:6443 knows the token, and its CA is not the one whose hash the line holds.',
          },
        ],
      },
      {
        name: 'a line without a hash',
        plan: { join: { ...join, caCertHashes: [] } },
        facts: facts({ pinMatches: null }),
        expect: [{ reason: 'pin-missing', status: 'fail' }, { reason: 'server-verified' }, { reason: 'token-signed' }],
      },
      {
        name: 'a line that wants no hash',
        plan: { join: { ...join, caCertHashes: [], unsafeSkipCaVerification: true } },
        facts: facts({ pinMatches: null }),
        expect: [{ reason: 'unpinned', status: 'warn' }, { reason: 'server-verified' }, { reason: 'token-signed' }],
      },
      {
        name: 'an expired token',
        plan,
        facts: facts({ tokenSignature: 'absent' }),
        expect: [
          { reason: 'pin-matches' },
          { reason: 'server-verified' },
          { reason: 'token-rejected', status: 'fail', actual: 'no signature of this token' },
        ],
      },
      {
        name: 'a cut token',
        plan,
        facts: facts({ tokenSignature: 'invalid' }),
        expect: [
          { reason: 'pin-matches' },
          { reason: 'server-verified' },
          { reason: 'token-rejected', actual: 'a signature of another secret' },
        ],
      },
      {
        name: 'saved facts',
        plan: { join: { ...join, token: null } },
        facts: facts({ tokenSignature: null }),
        expect: [
          { reason: 'pin-matches' },
          { reason: 'server-verified' },
          { reason: 'token-withheld', status: 'skip' },
        ],
      },
      {
        name: 'a server of another CA',
        plan,
        facts: server('UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
        expect: [{ reason: 'pin-matches' }, { reason: 'server-mismatch', status: 'fail' }, { reason: 'token-signed' }],
      },
      {
        name: 'a server of another name',
        plan,
        facts: server('ERR_TLS_CERT_ALTNAME_INVALID'),
        expect: [{ reason: 'pin-matches' }, { reason: 'name-mismatch', status: 'fail' }, { reason: 'token-signed' }],
      },
      {
        name: 'an expired certificate',
        plan,
        facts: server('CERT_HAS_EXPIRED'),
        expect: [
          { reason: 'pin-matches' },
          { reason: 'certificate-expired', status: 'fail' },
          { reason: 'token-signed' },
        ],
      },
      {
        name: 'a clock that is behind',
        plan,
        facts: server('CERT_NOT_YET_VALID'),
        expect: [
          { reason: 'pin-matches' },
          { reason: 'certificate-not-yet-valid', status: 'fail' },
          { reason: 'token-signed' },
        ],
      },
      {
        name: 'the second connection is lost',
        plan,
        facts: server('ECONNRESET'),
        expect: [
          { reason: 'pin-matches' },
          { reason: 'server-unverified', status: 'unknown' },
          { reason: 'token-signed' },
        ],
      },
      {
        name: 'a line without a hash, of a cluster that does not answer',
        plan: { join: { ...join, caCertHashes: [] } },
        facts: answer(null, 'ECONNREFUSED'),
        expect: [
          { reason: 'pin-missing', status: 'fail' },
          { reason: 'unreachable', status: 'unknown' },
        ],
      },
      {
        name: 'a line that wants no hash, of a cluster that does not answer',
        plan: { join: { ...join, caCertHashes: [], unsafeSkipCaVerification: true } },
        facts: answer(null, 'ETIMEDOUT'),
        expect: [{ reason: 'unpinned', status: 'warn' }, { reason: 'unreachable' }],
      },
      {
        name: 'cluster-info names another server, which is well',
        plan,
        facts: advertised('resolved', 'connected', 'answered'),
        expect: around({ reason: 'server-verified', status: 'pass' }),
      },
      {
        name: 'a name that does not resolve',
        plan,
        facts: advertised('ENOTFOUND'),
        expect: around({ reason: 'server-unresolved', status: 'fail', actual: 'ENOTFOUND' }),
      },
      {
        name: 'a name without addresses',
        plan,
        facts: advertised('resolved'),
        expect: around({ reason: 'server-unresolved', actual: 'no address' }),
      },
      {
        name: 'a resolver that does not answer',
        plan,
        facts: advertised('EAI_AGAIN'),
        expect: around({ reason: 'server-unverified', status: 'unknown' }),
      },
      {
        name: 'a server that refuses',
        plan,
        facts: advertised('resolved', 'ECONNREFUSED'),
        expect: around({ reason: 'server-unreachable', status: 'fail', actual: 'ECONNREFUSED' }),
      },
      {
        name: 'a server that is silent',
        plan,
        facts: advertised('resolved', 'ETIMEDOUT'),
        expect: around({ reason: 'server-unreachable', status: 'fail' }),
      },
      {
        name: 'no descriptors for the server',
        plan,
        facts: advertised('resolved', 'EMFILE'),
        expect: around({ reason: 'server-unverified' }),
      },
      {
        name: 'no local port for the server',
        plan,
        facts: advertised('resolved', 'EADDRINUSE'),
        expect: around({ reason: 'server-unverified', status: 'unknown' }),
      },
      {
        name: 'a slow server',
        plan,
        facts: advertised('resolved', 'connected', 'ETIMEDOUT'),
        expect: around({ reason: 'server-unverified', status: 'unknown' }),
      },
      {
        name: 'a server of another cluster',
        plan,
        facts: advertised('resolved', 'connected', 'SELF_SIGNED_CERT_IN_CHAIN'),
        expect: around({ reason: 'server-mismatch', status: 'fail' }),
      },
      {
        name: 'a server that is none',
        plan,
        facts: advertised('resolved', 'connected', 'ERR_SSL_WRONG_VERSION_NUMBER'),
        expect: around({ reason: 'not-an-api-server', status: 'fail' }),
      },
      {
        name: 'refused',
        plan,
        facts: answer(null, 'ECONNREFUSED'),
        expect: [{ reason: 'unreachable', status: 'unknown' }],
      },
      {
        name: 'plain HTTP',
        plan,
        facts: answer(null, 'ERR_SSL_WRONG_VERSION_NUMBER'),
        expect: [{ reason: 'not-an-api-server', status: 'fail' }],
      },
      {
        name: 'a redirect',
        plan,
        facts: answer(302),
        expect: [{ reason: 'not-an-api-server', actual: 'HTTP 302, a redirect' }],
      },
      { name: 'not ready', plan, facts: answer(503), expect: [{ reason: 'unavailable', status: 'unknown' }] },
      {
        name: 'anonymous requests are off',
        plan,
        facts: answer(401),
        expect: [{ reason: 'no-cluster-info', status: 'fail', actual: 'HTTP 401' }],
      },
      {
        name: 'something else',
        plan,
        facts: { clusterInfo: { ...answer(200).clusterInfo, content: 'not-cluster-info' } },
        expect: [{ reason: 'no-cluster-info', actual: 'an answer without it' }],
      },
      {
        name: 'facts of another line',
        plan: { join: { ...join, endpoint: '10.0.0.99:6443' } },
        facts: facts({}),
        expect: [{ reason: 'not-observed' }],
      },
      {
        name: 'facts without a join line',
        plan,
        facts: { clusterInfo: null },
        expect: [{ reason: 'not-observed', status: 'unknown' }],
      },
    ],
  },
  test,
);
