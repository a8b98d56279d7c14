import type { Facts } from '../../src/evidence/facts.ts';
import type { Reading } from '../../src/evidence/reading.ts';
import { isRead, valueOf } from '../../src/judging/reading.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { commandsToReserve, ephemeralPorts } from '../../src/judging/ports/ephemeral-ports.ts';
import { AVAILABILITY, judgeListeners, type Availability, type Judged } from '../../src/judging/ports/port-conflict.ts';
import {
  describeHolder,
  holderEvidence,
  holderOf,
  isForRun,
  NOT_SHOWN,
  type Holder,
} from '../../src/judging/ports/port-holder.ts';
import { neededPorts, type NeededPort } from '../../src/kubernetes/needed-ports.ts';
import { chooseNodeAddress } from '../../src/kubernetes/node-address.ts';
import type { Settings } from '../../src/plan/settings.ts';
import { inRange } from '../../src/values/port-range.ts';
import { PROGRAM } from '../../src/values/program-name.ts';

export default defineCheck({
  id: 'ports/available',
  title: 'ports that this node needs are free',
  docs: 'https://kubernetes.io/docs/reference/networking/ports-and-protocols/',
  kubeadm: ['Port-*'],
  stages: ['fresh'],
  reasons: AVAILABILITY,
  needs: ['listeners'],
  wants: ['socketOwners', 'interfaces', 'routes', 'sysctls', 'sysctlFiles'],
  judge(facts, { node, plan }) {
    if (facts.listeners.by === 'nothing') return [NOT_SHOWN];
    const owners = valueOf(facts.socketOwners);
    const addresses = nodeAddresses(facts, node.addresses, plan.advertiseAddress);
    return neededPorts(node, plan).map((need): Availability => {
      const all = facts.listeners.sockets
        .filter(({ protocol, port }) => protocol === need.protocol && port === need.port)
        .map((socket) => withTunnel(holderOf(socket, owners), facts.interfaces));
      const holders = all.filter((holder) => !isForRun(holder));
      const forRun = holders.length < all.length;
      const judged =
        judgeListeners(need, holders, addresses) ??
        judgeAttempt(need, facts.listeners) ??
        judgeConnections(need, facts, plan) ??
        free(need, holders, forRun);
      return { ...common(need), ...judged };
    });
  },
});

interface Wanted {
  readonly listeners: Facts['listeners'];
  readonly interfaces: Reading<Facts['interfaces']>;
  readonly routes: Reading<Facts['routes']>;
  readonly sysctls: Reading<Facts['sysctls']>;
  readonly sysctlFiles: Reading<Facts['sysctlFiles']>;
}

/** What kubeadm was told to advertise, else what it would choose; none when neither is known. */
function nodeAddresses(
  { interfaces, routes }: Wanted,
  said: readonly string[],
  advertised: string | null,
): readonly string[] {
  if (advertised !== null) return [advertised];
  if (said.length > 0 || !isRead(interfaces) || !isRead(routes)) return said;
  const chosen = chooseNodeAddress(interfaces.value, routes.value);
  return chosen === null ? [] : [chosen.address];
}

/** A UDP socket that nobody is seen to hold is a tunnel's where there is one, even if some processes could not be looked at. */
function withTunnel(holder: Holder, interfaces: Wanted['interfaces']): Holder {
  if (holder.owner !== null || holder.socket.protocol !== 'udp' || !isRead(interfaces)) return holder;
  const tunnel = interfaces.value.interfaces.some(({ kind }) => kind === 'vxlan' || kind === 'tunnel');
  return { ...holder, kernel: holder.kernel || tunnel };
}

/** What every finding about a port has. */
function common({ protocol, port, onlyFor, preflight }: NeededPort) {
  return {
    subject: `${protocol}/${port}`,
    ...(onlyFor === null ? {} : { onlyFor }),
    ...(preflight === null ? {} : { kubeadm: `Port-${port}` }),
  };
}

/** Where the kernel shows no sockets, only what could be bound is free. */
function judgeAttempt({ protocol, port }: NeededPort, { by, attempts }: Facts['listeners']): Judged | null {
  const attempt = attempts.find((each) => each.protocol === protocol && each.port === port);
  if (by === 'kernel' || attempt?.code === null) return null;
  return {
    reason: 'not-tried',
    message: `Whether ${protocol}/${port} is free could not be seen: the kernel does not show its sockets, and binding the port ended with ${attempt?.code ?? 'no answer'}.`,
    evidence: { code: attempt?.code ?? null },
  };
}

function free({ by, purpose, legacy, until }: NeededPort, [elsewhere]: readonly Holder[], forRun: boolean): Judged {
  if (forRun) {
    return {
      reason: 'free',
      message: `Only ${PROGRAM} itself is there at the moment, for another run: nothing is in the way of ${by} (${purpose}).`,
    };
  }
  if (legacy) return { reason: 'free', message: `Nothing listens there; before ${until} it was ${by}.` };
  if (elsewhere === undefined) return { reason: 'free', message: `Nothing is in the way of ${by} (${purpose}).` };
  return {
    reason: 'free',
    message: `${by} (${purpose}) listens on another address than ${describeHolder(elsewhere)}.`,
    evidence: { elsewhere: holderEvidence(elsewhere) },
  };
}

/** A listener may not get the port of a connection before that has ended and its last minute is over. */
function judgeConnections({ by, protocol, port }: NeededPort, facts: Wanted, plan: Settings): Judged | null {
  if (!facts.listeners.connections.some((each) => each.protocol === protocol && each.port === port)) return null;
  const ephemeral = isRead(facts.sysctls) ? ephemeralPorts(facts.sysctls.value) : null;
  const given = ephemeral?.given.some((piece) => inRange(piece, port)) === true;
  const look = `ss -Hanp${protocol === 'tcp' ? 't' : 'u'} 'sport = :${port}'`;
  return {
    reason: 'held-by-connection',
    message: `A connection of this machine has ${protocol}/${port} as its own port: until it ends ${by} may not be able to listen there.`,
    why: given
      ? 'The kernel gives this port to any outgoing connection: it can happen again at each restart.'
      : 'A program chose this port itself, or the connection is left over from a listener that ended.',
    expected: 'no connection from this port',
    actual: 'at least one',
    evidence: { ephemeral: given },
    remedy:
      ephemeral !== null && given
        ? {
            text: 'Keep the ports of Kubernetes out of those that the kernel gives away, then wait for the connection to end.',
            commands: [...commandsToReserve(ephemeral, plan, facts.sysctlFiles), look],
          }
        : { text: 'Wait for the connection to end, or end the program that holds it.', commands: [look] },
  };
}
