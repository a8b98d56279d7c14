import type { X509Certificate } from 'node:crypto';
import * as z from 'zod';
import type { ExternalEtcd } from '../plan/settings.ts';
import { SystemError, type System } from '../system/system.ts';
import { describeCertificate, readCertificate } from '../values/certificate.ts';
import { jsonOf } from '../values/json.ts';
import { defineFact, type FactContext } from './define-fact.ts';
import { attempted, attemptSignal } from './parts/network-failure.ts';

const file = () =>
  z.object({
    role: z.enum(['caFile', 'certFile', 'keyFile']).describe('the setting that names it'),
    path: z.string().describe('of the file'),
    state: z.enum(['read', 'missing', 'denied', 'error']).describe('whether it was read, or why not'),
  });

const schema = () =>
  z
    .object({
      observedAt: z.string().describe('by the clock of this machine'),
      files: z.array(file()).describe('those that the plan names'),
      clientCertificate: z
        .object({
          subject: z.string().describe('distinguished name'),
          names: z.array(z.string()).describe('subjectAltName: DNS names and addresses'),
          notBefore: z.string().describe('ISO 8601, UTC'),
          notAfter: z.string().describe('ISO 8601, UTC'),
          keyMatches: z.boolean().nullable().describe('whether keyFile is its private key; null when it was not read'),
        })
        .nullable()
        .describe('null when certFile was not read, or holds none'),
      endpoints: z
        .array(
          z.object({
            url: z.string().describe('as the plan has it'),
            request: z.string().describe('answered, or the code of the failure'),
            status: z.number().nullable().describe('of the HTTP answer'),
            version: z.string().nullable().describe('of the etcd server, when the answer was its version'),
          }),
        )
        .describe('none when a file that is needed to ask was not read'),
    })
    .nullable()
    .describe('null when the plan names no external etcd');

type Fact = NonNullable<z.infer<ReturnType<typeof schema>>>;
type Role = Fact['files'][number]['role'];

const versionAnswer = z.object({ etcdserver: z.string() });

export default defineFact({
  title: 'external etcd',
  // Its files, then one request.
  attempts: 2,
  schema,
  read: async (system, context) => {
    const { externalEtcd } = context.plan;
    if (externalEtcd === null) return null;
    const files = await Promise.all(named(externalEtcd).map(({ role, path }) => readFile(system, role, path)));
    const textOf = (role: Role) => files.find((each) => each.role === role)?.text ?? null;
    const [ca, cert, key] = [textOf('caFile'), textOf('certFile'), textOf('keyFile')];
    const trust = {
      ...(ca === null ? {} : { ca }),
      // A certificate without its key opens nothing.
      ...(cert === null || key === null ? {} : { cert, key }),
    };
    const all = files.every(({ state }) => state === 'read');
    const leaf = cert === null ? null : readCertificate(cert);
    return {
      observedAt: new Date(system.now()).toISOString(),
      files: files.map(({ role, path, state }) => ({ role, path, state })),
      clientCertificate: leaf === null ? null : clientCertificate(leaf, key),
      endpoints: all ? await Promise.all(externalEtcd.endpoints.map((url) => ask(system, url, trust, context))) : [],
    };
  },
});

function named({ caFile, certFile, keyFile }: ExternalEtcd): { role: Role; path: string }[] {
  const entries = [
    { role: 'caFile', path: caFile },
    { role: 'certFile', path: certFile },
    { role: 'keyFile', path: keyFile },
  ] as const;
  return entries.flatMap(({ role, path }) => (path === null ? [] : [{ role, path }]));
}

async function readFile(
  system: System,
  role: Role,
  path: string,
): Promise<Fact['files'][number] & { text: string | null }> {
  try {
    return { role, path, state: 'read', text: await system.readText(path) };
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    const state = error.why === 'missing' || error.why === 'denied' ? error.why : 'error';
    return { role, path, state, text: null };
  }
}

function clientCertificate(leaf: X509Certificate, key: string | null): Fact['clientCertificate'] {
  const { subject, names, notBefore, notAfter } = describeCertificate(leaf);
  return { subject, names: [...names], notBefore, notAfter, keyMatches: key === null ? null : isKeyOf(leaf, key) };
}

function isKeyOf(leaf: X509Certificate, key: string): boolean {
  try {
    return leaf.checkPrivateKey(process.getBuiltinModule('node:crypto').createPrivateKey(key));
  } catch {
    return false;
  }
}

async function ask(
  system: System,
  url: string,
  trust: { readonly ca?: string; readonly cert?: string; readonly key?: string },
  context: FactContext,
): Promise<Fact['endpoints'][number]> {
  const answer = await attempted(
    context.signal,
    system.network.http({ url: `${url}/version`, ...trust, signal: attemptSignal(context) }),
  );
  if ('code' in answer) return { url, request: answer.code, status: null, version: null };
  const { status, body } = answer.result;
  const version = versionAnswer.safeParse(jsonOf(body));
  return {
    url,
    request: 'answered',
    status,
    version: status === 200 && version.success ? version.data.etcdserver : null,
  };
}
