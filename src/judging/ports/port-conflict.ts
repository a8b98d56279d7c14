import type { Draft, Remedy } from '../../engine/check.ts';
import type { NeededPort } from '../../kubernetes/needed-ports.ts';
import { collision, type Collision } from './port-collision.ts';
import { describeHolder, freeingRemedy, holderEvidence, holderName, isComponent, type Holder } from './port-holder.ts';

/** What can be said of a port that a node needs. */
export const AVAILABILITY = {
  free: 'pass',
  'in-use': 'fail',
  'legacy-in-use': 'warn',
  'optional-in-use': 'warn',
  'held-by-kernel': 'warn',
  'held-by-connection': 'warn',
  'preflight-refuses': 'warn',
  'address-unknown': 'unknown',
  'not-tried': 'unknown',
  'not-shown': 'skip',
} as const;

export type Availability = Draft<typeof AVAILABILITY>;
/** A finding that does not say yet which port it is about. */
export type Judged = Availability extends infer F
  ? F extends Availability
    ? Omit<F, 'subject' | 'onlyFor' | 'kubeadm'>
    : never
  : never;

/** What listens on the port, whether or not it is in the way; null when nothing is. */
export function judgeListeners(
  need: NeededPort,
  holders: readonly Holder[],
  addresses: readonly string[],
): Judged | null {
  const clash = (wanted: Collision) => holders.find(({ socket }) => collision(need.bind, socket, addresses) === wanted);
  const colliding = clash('yes');
  if (colliding !== undefined) return taken(need, colliding);
  const perhaps = clash('unknown');
  if (perhaps !== undefined) return addressUnknown(need, perhaps);
  const [elsewhere] = holders;
  return elsewhere !== undefined && need.preflight === 'wildcard' ? refused(need, elsewhere) : null;
}

/** A listener where the component has to listen. */
function taken(need: NeededPort, holder: Holder): Judged {
  const { by, protocol, port, purpose, why } = need;
  const finding = {
    expected: `free: ${by} must listen there (${purpose})`,
    actual: `held by ${describeHolder(holder)}`,
    why,
    evidence: holderEvidence(holder),
    remedy: freeingRemedy(holder),
  };
  if (need.legacy) {
    return {
      ...finding,
      reason: 'legacy-in-use',
      expected: `free, or known: ${purpose} before ${need.until}`,
      message: `On ${protocol}/${port}, which ${by} served before ${need.until}, listens ${holderName(holder)}.`,
      why: 'No current component needs it; firewalls, monitors and people may still take what answers there for that component.',
    };
  }
  if (need.kernel && holder.kernel) {
    return {
      ...finding,
      reason: 'held-by-kernel',
      message: `A tunnel device of the kernel already has ${protocol}/${port}: left over from an earlier network, or of another overlay.`,
      why: `${by} can share it only with a device of the same kind and other network ids.`,
      remedy: tunnelRemedy,
    };
  }
  if (need.optional) {
    return {
      ...finding,
      reason: 'optional-in-use',
      message: `${protocol}/${port}, which ${by} wants for ${purpose}, is held by ${holderName(holder)}.`,
      why: `${by} works without it, as long as that feature is off.`,
    };
  }
  return {
    ...finding,
    reason: 'in-use',
    message:
      holder.owner !== null && isComponent(holder.owner, by)
        ? `${by} itself already runs here and holds ${protocol}/${port}, on a machine that is taken for fresh${need.preflight === null ? '' : '; kubeadm refuses to go on'}.`
        : `${protocol}/${port}, which ${by} needs, is held by ${holderName(holder)}.`,
  };
}

const tunnelRemedy: Remedy = {
  text: 'Look which device has the port, and delete it with `ip link delete` if it is left over; whatever made it may make it again at boot.',
  commands: ['ip -d link show type vxlan', 'ip -d link show type geneve', 'ip -d link show type wireguard'],
};

/** No conflict for the component, yet kubeadm tries the wildcard address. */
function refused({ by, protocol, port, purpose }: NeededPort, holder: Holder): Judged {
  return {
    reason: 'preflight-refuses',
    message: `${by} (${purpose}) could listen beside ${describeHolder(holder)}, but kubeadm before 1.37 tries every address and refuses.`,
    expected: `free on every address, for kubeadm`,
    actual: `held by ${describeHolder(holder)}`,
    evidence: holderEvidence(holder),
    remedy: {
      text: `Give kubeadm --ignore-preflight-errors=Port-${port}, or move ${holder.owner?.process ?? 'the listener'} to another port.`,
      commands: [`ss -Hlnp${protocol === 'tcp' ? 't' : 'u'} 'sport = :${port}'`],
    },
  };
}

function addressUnknown({ by, purpose }: NeededPort, holder: Holder): Judged {
  return {
    reason: 'address-unknown',
    message: `Whether ${by} (${purpose}) can listen beside ${describeHolder(holder)} depends on the address that kubeadm advertises; --node-ip tells.`,
    expected: 'free on the address of this node',
    actual: `held by ${describeHolder(holder)}`,
    evidence: holderEvidence(holder),
  };
}
