import { PlanError } from '../../plan/errors.ts';
import { parseIp } from '../../values/ip.ts';
import type { FleetNode } from '../fleet-node.ts';
import type { Groups, Host } from './groups.ts';
import { parseIni } from './parse-ini.ts';
import { ROLE_GROUPS, rolesOfGroups } from './roles.ts';
import { targetOf } from './target-of.ts';

/** What an inventory says of a cluster. */
export interface Inventory {
  readonly nodes: readonly FleetNode[];
  /** Hosts that are in no group of a role, where others are. */
  readonly leftOut: readonly string[];
  /** No control plane is among its members of etcd. */
  readonly externalEtcd: boolean;
}

/** Reads Ansible's INI form, or YAML as its ending tells, as Ansible does. Throws a PlanError, with the line. */
export async function parseInventory(text: string, name: string): Promise<Inventory> {
  if (text.startsWith('$ANSIBLE_VAULT'))
    throw refused(name, 'is encrypted by ansible-vault: give a copy that `ansible-vault view` printed');
  if (text.startsWith('#!'))
    throw refused(name, 'is a program; give what it prints as a file: ansible-inventory -i FILE --list --yaml');
  const groups = await parse(text, name);
  const hosts = groups.hosts(name).filter((host) => host.name !== 'localhost' || isNamed(host));
  const withRoles = hosts.filter((host) => rolesOfGroups(host.groups).length > 0);
  const taken = withRoles.length === 0 ? hosts : withRoles;
  if (taken.length < 2)
    throw refused(
      name,
      `names ${taken.length === 1 ? 'one host' : 'no host'} that takes part, and between fewer than two there is nothing to test; roles are the groups ${ROLE_GROUPS}`,
    );
  const nodes = taken.map(nodeOf);
  const members = nodes.filter(({ roles }) => roles.includes('etcd'));
  return {
    nodes,
    leftOut: hosts.filter((host) => !taken.includes(host)).map((host) => host.name),
    externalEtcd: members.length > 0 && !members.some(({ roles }) => roles.includes('control-plane')),
  };
}

async function parse(text: string, name: string): Promise<Groups> {
  if (!/\.(?:ya?ml|json)$/i.test(name)) return parseIni(text, name);
  return (await import('./parse-yaml.ts')).parseYaml(text, name);
}

/** Inventories name the machine that Ansible runs on for its own sake. */
function isNamed(host: Host): boolean {
  return rolesOfGroups(host.groups).length > 0;
}

function nodeOf(host: Host): FleetNode {
  // Kubespray's: the address to which the components of a node are bound.
  const address = host.variables.get('ip')?.text ?? null;
  return {
    name: host.name,
    roles: rolesOfGroups(host.groups),
    target: targetOf(host),
    address: address === null || parseIp(address) === null ? null : address,
  };
}

function refused(name: string, said: string): PlanError {
  return new PlanError('bad-document', name, said);
}
