import * as z from 'zod';
import type { System } from '../system/system.ts';
import { describeCertificate, readCertificate } from '../values/certificate.ts';
import { parseEndpoint, type Endpoint } from '../values/endpoint.ts';
import { parseIp } from '../values/ip.ts';
import { defineFact, type FactContext } from './define-fact.ts';
import { attempted, attemptSignal } from './parts/network-failure.ts';

const attempt = () =>
  z.object({
    address: z.string().describe('one that the host resolved to'),
    connect: z.string().describe('connected, or the code of the failure'),
    tls: z.string().nullable().describe('done, or the code of the failure; null when it was not tried'),
    certificate: z
      .object({
        subject: z.string().describe('distinguished name'),
        names: z.array(z.string()).describe('subjectAltName: DNS names and addresses'),
        notBefore: z.string().describe('ISO 8601, UTC'),
        notAfter: z.string().describe('ISO 8601, UTC'),
      })
      .nullable()
      .describe('the leaf that the server showed; nothing of it is trusted'),
    namesHost: z.boolean().nullable().describe('whether the leaf is for the host of the endpoint'),
  });

const schema = () =>
  z
    .object({
      endpoint: z.string().describe('HOST:PORT of the plan'),
      observedAt: z.string().describe('by the clock of this machine'),
      resolve: z.string().describe('resolved, or the code of the failure'),
      attempts: z.array(attempt()).describe('one for each address'),
    })
    .nullable()
    .describe('null when the plan names no endpoint');

type Attempt = z.infer<ReturnType<typeof attempt>>;

/** A name with more addresses than this is no API server's. */
const MOST_ADDRESSES = 16;

export default defineFact({
  title: 'control-plane endpoint',
  // Its name, the connections, the handshakes.
  attempts: 3,
  schema,
  read: async (system, context) => {
    const { plan, signal } = context;
    const endpoint =
      plan.controlPlaneEndpoint === null ? null : parseEndpoint(plan.controlPlaneEndpoint, plan.apiServerPort);
    if (endpoint === null || plan.controlPlaneEndpoint === null) return null;
    const resolved = await attempted(signal, system.network.resolve(endpoint.host, attemptSignal(context)));
    const addresses = 'result' in resolved ? [...new Set(resolved.result)].slice(0, MOST_ADDRESSES) : [];
    return {
      endpoint: plan.controlPlaneEndpoint,
      observedAt: new Date(system.now()).toISOString(),
      resolve: 'result' in resolved ? 'resolved' : resolved.code,
      attempts: await Promise.all(addresses.map((address) => tryAddress(system, endpoint, address, context))),
    };
  },
});

async function tryAddress(
  system: System,
  { host, port }: Endpoint,
  address: string,
  context: FactContext,
): Promise<Attempt> {
  const target = { host: address, port };
  const connected = await attempted(context.signal, system.network.connect(target, attemptSignal(context)));
  const failure =
    'code' in connected ? connected.code : connected.result.outcome === 'failed' ? connected.result.code : null;
  if (failure !== null) return { address, connect: failure, tls: null, certificate: null, namesHost: null };
  const shaken = await attempted(context.signal, system.network.tlsPeer(target, host, attemptSignal(context)));
  if ('code' in shaken) return { address, connect: 'connected', tls: shaken.code, certificate: null, namesHost: null };
  const [der] = shaken.result.chain;
  const leaf = der === undefined ? null : readCertificate(der);
  if (leaf === null) return { address, connect: 'connected', tls: 'done', certificate: null, namesHost: null };
  const { subject, names, notBefore, notAfter } = describeCertificate(leaf);
  const named = parseIp(host) === null ? leaf.checkHost(host, { subject: 'never' }) : leaf.checkIP(host);
  return {
    address,
    connect: 'connected',
    tls: 'done',
    certificate: { subject, names: [...names], notBefore, notAfter },
    namesHost: named !== undefined,
  };
}
