import { randomBytes, randomInt } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { createLocalPeer, type LocalPeer } from '../../src/peers/local/local-peer.ts';
import type { AnswerOf, MessageName, Opening, RequestOf } from '../../src/peers/messages/protocol.ts';
import { DEFAULTS } from '../../src/plan/defaults.ts';
import type { Settings } from '../../src/plan/settings.ts';
import { liveSystem } from '../../src/system/live.ts';
import { SystemError, type System } from '../../src/system/system.ts';

/** A machine on an address of loopback that is its own. */
export interface LocalMachine {
  readonly peer: LocalPeer;
  readonly key: string;
  readonly address: string;
  readonly call: <M extends MessageName>(message: M, request: RequestOf<M>) => Promise<AnswerOf<M>>;
}

export interface LocalMachineOptions {
  readonly leaseMs?: number;
  readonly settings?: Partial<Settings>;
  readonly system?: System;
}

/** Until the test ends. */
export function localMachine(
  key: string,
  { leaseMs = 60_000, settings = {}, system = withTraces(() => []) }: LocalMachineOptions = {},
): LocalMachine {
  const peer = createLocalPeer({
    key,
    system,
    plan: { settings: { ...DEFAULTS, ...settings } },
    said: { role: ['worker'] },
    version: '0.0.0-test',
    readFacts: async (names) => Object.fromEntries(names.map((name) => [name, 'read'])),
    leaseMs,
  });
  onTestFinished(() => peer.closeAll());
  const address = `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(2, 255)}`;
  return { peer, key, address, call: (message, request) => peer.call(message, request, AbortSignal.timeout(20_000)) };
}

/** This machine with these files of kubeadm's, and no others. */
export function withTraces(traces: () => readonly string[], differs: Partial<System> = {}): System {
  const live = liveSystem();
  const isTrace = (path: string) => path.startsWith('/etc/kubernetes/');
  return {
    ...live,
    status: async (path) => {
      if (!isTrace(path)) return live.status(path);
      const status = { kind: 'file', size: 0, mode: 0o600, uid: 0, gid: 0, inode: 0, modifiedMs: 0 } as const;
      return traces().includes(path) ? status : null;
    },
    listIfThere: async (path) => (isTrace(path) ? [] : live.listIfThere(path)),
    ...differs,
  };
}

export const unreadable = (path: string) => new SystemError('denied', `${path}: permission denied`, 'EACCES');

/** A run of these machines, of which each is a member. */
export interface LocalRun {
  readonly run: string;
  readonly secret: string;
  readonly members: RequestOf<'enlist'>['members'];
}

export async function enlist(
  machines: readonly LocalMachine[],
  plan: RequestOf<'enlist'>['plan'] = {},
  endpoints: RequestOf<'enlist'>['endpoints'] = [],
): Promise<LocalRun> {
  const members = await Promise.all(
    machines.map(async ({ key, address, call }) => {
      const { instance } = await call('meet', { protocol: 1, version: '0.0.0-test', plan: {} });
      return { key, instance, addresses: [address] };
    }),
  );
  const run = randomBytes(8).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  await Promise.all(
    machines.map(({ key, call }) => call('enlist', { run, secret, self: key, members, endpoints, plan })),
  );
  return { run, secret, members };
}

/** NodePorts that nothing uses: below the ports that the kernel hands out itself. */
export function somePorts(count: number): { first: number; last: number } {
  const first = randomInt(12_000, 29_000 - count);
  return { first, last: first + count - 1 };
}

export function opening(machine: LocalMachine, protocol: 'tcp' | 'udp', ports: Opening['ports']): Opening {
  return { protocol, address: machine.address, ports };
}
