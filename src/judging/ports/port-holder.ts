import type { Remedy } from '../../engine/check.ts';
import type { Facts } from '../../evidence/facts.ts';
import {
  ALL_COMPONENTS_PROGRAM,
  COMPONENT_PROGRAMS,
  ESSENTIAL_UNITS,
  PUBLISHING_PROGRAM,
} from '../../kubernetes/programs.ts';
import { PROGRAM } from '../../values/program-name.ts';
import { shellQuote } from '../../values/shell.ts';

export type Socket = Facts['listeners']['sockets'][number];
export type Owner = Facts['socketOwners']['owners'][number];

/** A socket with whoever holds it. */
export interface Holder {
  readonly socket: Socket;
  /** Null when nobody was found. */
  readonly owner: Owner | null;
  /** No process holds it, though every one could be looked at. */
  readonly kernel: boolean;
}

/** Said where nothing shows who holds ports. */
export const NOT_SHOWN = {
  subject: '/proc/net',
  reason: 'not-shown',
  message: 'This directory has no /proc/net that could show which ports are in use.',
} as const;

/** The first process of a socket that is not the service manager, which keeps the sockets that it hands on. */
export function holderOf(socket: Socket, owners: Facts['socketOwners'] | null): Holder {
  const all = owners?.owners.filter(({ inode }) => inode === socket.inode && inode !== 0) ?? [];
  const owner = all.find(({ pid }) => pid !== 1) ?? all[0] ?? null;
  return { socket, owner, kernel: owner === null && owners?.complete === true && socket.inode !== 0 };
}

/** Whether a process is this component, by any of its names. */
export function isComponent({ names }: Owner, component: string): boolean {
  return names.includes(component) || names.includes(ALL_COMPONENTS_PROGRAM);
}

/** Whether this program holds it for a run: it lets go by itself, and is in nobody's way. */
export function isForRun({ owner }: Holder): boolean {
  return owner !== null && owner.names.includes(PROGRAM);
}

/** `nginx (pid 812, nginx.service) on 0.0.0.0:10250` */
export function describeHolder(holder: Holder): string {
  return `${holderName(holder)} on ${formatAddress(holder.socket)}`;
}

export function holderName({ owner, kernel }: Holder): string {
  if (owner !== null) return `${owner.process} (pid ${owner.pid}${owner.unit === null ? '' : `, ${owner.unit}`})`;
  return kernel ? 'the kernel, and no process' : 'an owner that is not visible without root or from inside a container';
}

function formatAddress({ address, port }: Socket): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

export function holderEvidence({ owner, kernel, socket }: Holder): Record<string, unknown> {
  return {
    address: socket.address,
    pid: owner?.pid ?? null,
    process: owner?.process ?? null,
    unit: owner?.unit ?? null,
    ...(kernel ? { kernel } : {}),
  };
}

/** How to get the port back from whoever holds it. */
export function freeingRemedy({ owner, socket }: Holder): Remedy {
  const { protocol, port } = socket;
  const look = `ss -Hlnp${protocol === 'tcp' ? 't' : 'u'} 'sport = :${port}'`;
  if (owner === null) {
    return { text: 'Find out as root who holds it, then stop that or move it to another port.', commands: [look] };
  }
  if (owner.process === PUBLISHING_PROGRAM) {
    return {
      text: 'A container publishes this port: stop the container, or publish another port.',
      commands: [`docker ps --filter publish=${port}/${protocol}`],
    };
  }
  if (isComponent(owner, 'kubelet') && (owner.unit === null || owner.unit === 'kubelet.service')) {
    return {
      text: 'Stop the kubelet; kubeadm starts it again. If it serves a cluster that this machine should leave, run `kubeadm reset`; if the machine has joined, check it with --stage joined.',
      commands: ['systemctl stop kubelet'],
    };
  }
  if (owner.unit === null && COMPONENT_PROGRAMS.some((component) => isComponent(owner, component))) {
    return {
      text: 'It is left over from an earlier cluster: take it down, after a look at what still uses it.',
      commands: ['kubeadm reset'],
    };
  }
  if (owner.pid === 1) {
    return {
      text: 'A socket unit of systemd holds it: disable that unit, or give it another port.',
      commands: ['systemctl list-sockets'],
    };
  }
  if (owner.unit !== null && !ESSENTIAL_UNITS.includes(owner.unit)) {
    return {
      text: `Stop ${owner.unit} for good, or move it to another port.`,
      commands: [`systemctl disable --now ${shellQuote(owner.unit)}`],
    };
  }
  return {
    text: `Move ${owner.unit ?? owner.process} to another port, or stop it and see to it that nothing starts it again.`,
    commands: [`ps -o pid,ppid,user,lstart,args -p ${owner.pid}`],
  };
}
