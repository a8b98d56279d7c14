import * as z from 'zod';
import { portOf } from '../kubernetes/needed-ports.ts';
import { COMPONENT_PORTS, type HealthEndpoint } from '../kubernetes/ports.ts';
import { SystemError, type System } from '../system/system.ts';
import { isWildcard, parseIp } from '../values/ip.ts';
import { defineFact, type FactContext } from './define-fact.ts';
import { isListening, readSockets } from './parts/socket-table.ts';

const schema = () =>
  z.object({
    answers: z
      .array(
        z.object({
          port: z.int().describe('on loopback'),
          path: z.string().describe('of the URL'),
          status: z.number().nullable().describe('of the HTTP answer; null when there was none'),
          failing: z.array(z.string()).describe('names of what the component says is not well'),
          error: z.string().nullable().describe('code of the failure; null when it answered'),
        }),
      )
      .describe('what the endpoints of this node’s components said'),
  });

type Answer = z.infer<ReturnType<typeof schema>>['answers'][number];

/** Of the time that a fact has: so that one endpoint that hangs does not make all of them unread. */
const SHARE = 0.8;
const BODY_LIMIT = 64 * 1024;

export default defineFact({
  title: 'health endpoints of the components on this machine',
  schema,
  read: async (system, context) => {
    if (!system.live) throw new SystemError('unsupported', 'a directory answers no request');
    const sockets = (await readSockets(system)).filter(isListening);
    const asked = COMPONENT_PORTS.flatMap((row) => {
      const port = portOf(row, context.plan);
      const served = sockets.filter((socket) => socket.protocol === 'tcp' && socket.port === port);
      const hosts = [...new Set(served.flatMap(({ address }) => hostsFor(address)))];
      return row.health === null || hosts.length === 0 ? [] : [ask(system, context, row.health, port, hosts)];
    });
    return { answers: await Promise.all(asked) };
  },
});

/** Where a listener can be asked; whether `::` takes IPv4 too is not shown, so that both loopbacks are tried. */
function hostsFor(address: string): string[] {
  const ip = parseIp(address);
  if (ip === null) return [];
  if (!isWildcard(ip)) return [address];
  return ip.family === 4 ? ['127.0.0.1'] : ['127.0.0.1', '::1'];
}

async function ask(
  { network }: System,
  { plan, signal }: FactContext,
  { scheme, path }: HealthEndpoint,
  port: number,
  hosts: readonly string[],
): Promise<Answer> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(plan.timeout * SHARE)]);
  let error = '';
  for (const host of hosts) {
    const url = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}${path}`;
    try {
      const { status, body } = await network.http({ url, signal: limited, limit: BODY_LIMIT });
      return { port, path, status, failing: failingParts(body), error: null };
    } catch (caught) {
      if (!(caught instanceof SystemError)) throw caught;
      error = caught.message;
    }
  }
  return { port, path, status: null, failing: [], error };
}

/** Lines such as `[-]etcd failed: reason withheld`. */
export function failingParts(body: string): string[] {
  return [...body.matchAll(/^\[-\]([\w./-]{1,80})/gm)].slice(0, 20).flatMap(([, name]) => name ?? []);
}
