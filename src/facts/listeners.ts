import * as z from 'zod';
import type { Bind } from '../kubernetes/ports.ts';
import { possiblePorts } from '../kubernetes/needed-ports.ts';
import type { Settings } from '../plan/settings.ts';
import { SystemError, type System } from '../system/system.ts';
import { defineFact } from './define-fact.ts';
import { ipv6OnlySockets } from './parts/ipv6-only.ts';
import { isListening, readSockets, type SocketRow } from './parts/socket-table.ts';

const socket = {
  protocol: z.enum(['tcp', 'udp']).describe('of the socket'),
  family: z.literal([4, 6]).describe('of IP'),
  address: z.string().describe('its own address; a wildcard where it takes all'),
  port: z.int().describe('its own port'),
  inode: z.number().describe('0 when the kernel did not tell'),
};
const socketSchema = () =>
  z.object({
    ...socket,
    uid: z.number().nullable().describe('of its owner; null when the kernel did not tell'),
    ipv6Only: z
      .literal(true)
      .optional()
      .describe('on all addresses of IPv6 and none of IPv4, as ss told; asked only where a component needs IPv4'),
  });

const schema = () =>
  z.object({
    by: z
      .enum(['kernel', 'bind', 'nothing'])
      .describe(
        'read from the kernel, or found by binding where that was not allowed; nothing: a directory without /proc/net',
      ),
    sockets: z.array(socketSchema()).describe('listening TCP sockets, and UDP sockets that take datagrams from anyone'),
    connections: z
      .array(z.object(socket))
      .describe('other sockets whose own port is one that a component could need; each holds the port until it ends'),
    attempts: z
      .array(
        z.object({
          protocol: z.enum(['tcp', 'udp']).describe('of the port'),
          address: z.string().describe('that was tried'),
          port: z.int().describe('that was tried'),
          code: z.string().nullable().describe('null: it could be bound'),
        }),
      )
      .describe('only when found by binding'),
  });

type Listeners = z.infer<ReturnType<typeof schema>>;

export default defineFact({
  title: 'listening sockets',
  schema,
  read: async (system, { plan, signal }): Promise<Listeners> => {
    try {
      return await fromKernel(system, plan, signal);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      if (!system.live && error.why === 'missing') return { by: 'nothing', sockets: [], connections: [], attempts: [] };
      if (!system.live || (await mayServe(system, plan))) throw error;
      return byBinding(system, plan);
    }
  },
});

async function fromKernel(system: System, plan: Settings, signal: AbortSignal): Promise<Listeners> {
  const rows = await readSockets(system);
  const possible = possiblePorts(plan);
  const wanted = new Set(possible.map(({ protocol, port }) => `${protocol}/${port}`));
  const listening = rows.filter(isListening);
  const isDoubtful = ({ protocol, port, address }: SocketRow) =>
    address === '::' &&
    possible.some((each) => each.protocol === protocol && each.port === port && !each.bind.includes('all'));
  const ipv6Only = listening.some(isDoubtful) ? await ipv6OnlySockets(system, signal) : new Set();
  const served = new Set(listening.map(({ protocol, port }) => `${protocol}/${port}`));
  return {
    by: 'kernel',
    sockets: listening.map(({ protocol, family, address, port, inode, uid }) => ({
      protocol,
      family,
      address,
      port,
      inode,
      uid,
      ...(ipv6Only.has(inode) ? { ipv6Only: true as const } : {}),
    })),
    connections: rows
      .filter((row) => !isListening(row))
      .filter(({ protocol, port }) => wanted.has(`${protocol}/${port}`) && !served.has(`${protocol}/${port}`))
      .map(({ protocol, family, address, port, inode }) => ({ protocol, family, address, port, inode })),
    attempts: [],
  };
}

/** Where components may run, a port that is bound for a moment could be the one that a restarting kubelet needs. */
async function mayServe(system: System, { stage }: Settings): Promise<boolean> {
  return stage === 'joined' || (await system.status('/etc/kubernetes/kubelet.conf')) !== null;
}

async function byBinding(system: System, plan: Settings): Promise<Listeners> {
  const attempts: Listeners['attempts'] = [];
  // One at a time: two binds of one port would see each other.
  for (const { protocol, port, bind } of possiblePorts(plan)) {
    const tried = await tryPort(system, protocol, port, bind);
    attempts.push({ protocol, port, ...tried });
  }
  const taken = attempts.filter(({ code }) => code === 'EADDRINUSE');
  return {
    by: 'bind',
    sockets: taken.map(({ protocol, address, port }) => ({
      protocol,
      family: address.includes(':') ? 6 : 4,
      address,
      port,
      inode: 0,
      uid: null,
    })),
    connections: [],
    attempts,
  };
}

async function tryPort(
  system: System,
  protocol: 'tcp' | 'udp',
  port: number,
  bind: readonly Bind[],
): Promise<{ address: string; code: string | null }> {
  // The address that a node advertises is not known here: the wildcard takes it in.
  const wildcard = bind.some((each) => each !== 'loopback');
  const [first, second] = wildcard ? ['::', '0.0.0.0'] : ['127.0.0.1', '127.0.0.1'];
  const code = await system.network.tryBind(protocol, { host: first, port });
  if (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL') return { address: first, code };
  return { address: second, code: await system.network.tryBind(protocol, { host: second, port }) };
}
