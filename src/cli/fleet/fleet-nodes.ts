import type { FleetNode } from '../../fleet/fleet-node.ts';
import type { Inventory } from '../../fleet/inventory/inventory.ts';
import type { PeerName, Plan } from '../../plan/settings.ts';
import { liveSystem } from '../../system/live.ts';
import { CONTROL_PORT } from '../../values/control-port.ts';
import { alsoNamed } from '../output/held-lines.ts';
import { complain } from '../output/print.ts';
import { naming, UsageError } from '../usage-error.ts';

/** The nodes of a mesh over ssh, and the plan that names them as its peers. Throws a UsageError or a PlanError. */
export async function fleetOf(plan: Plan): Promise<{ readonly plan: Plan; readonly nodes: readonly FleetNode[] }> {
  const { peers, inventory } = plan.settings;
  if (inventory === null) return { plan, nodes: named(peers) };
  const text = await naming('--inventory', liveSystem().readText(inventory));
  const { parseInventory } = await import('../../fleet/inventory/inventory.ts');
  const found = await parseInventory(text, inventory);
  alsoNamed([...found.nodes.map(({ name }) => name), ...found.leftOut]);
  if (found.leftOut.length > 0) {
    const shown = found.leftOut.slice(0, MOST_SHOWN).join(', ');
    const more = found.leftOut.length > MOST_SHOWN ? ` and ${found.leftOut.length - MOST_SHOWN} more` : '';
    complain(`seaworthy: ${inventory}: left out, in no group that has a role: ${shown}${more}`);
  }
  return { plan: withNodes(plan, found), nodes: found.nodes };
}

const MOST_SHOWN = 20;

function named(peers: readonly PeerName[]): FleetNode[] {
  const paste = 'seaworthy mesh --ssh --peer control-plane@10.0.0.11 --peer worker@10.0.0.21';
  if (peers.length < 2) {
    throw new UsageError(
      `mesh tests nodes against each other: ${peers.length === 0 ? 'none was' : 'only one was'} named.`,
      `  ${paste}`,
      '  seaworthy mesh --ssh --inventory hosts.ini',
      '  seaworthy mesh --ssh --kubeconfig FILE',
    );
  }
  const withPort = peers.find(({ port }) => port !== CONTROL_PORT);
  if (withPort !== undefined) {
    throw new UsageError(
      `--peer ${withPort.text}: over ssh a peer is named without a port.`,
      'The port of ssh stands in your ssh_config (Port), or in an inventory (ansible_port).',
    );
  }
  return peers.map(({ host, roles }) => ({
    name: host,
    roles,
    target: { host, port: null, user: null, keyFile: null, args: [], becomesRoot: false },
    address: null,
  }));
}

function withNodes({ settings, origins }: Plan, { nodes, externalEtcd }: Inventory): Plan {
  const peers = nodes.map(({ name, roles }): PeerName => ({ roles, host: name, port: CONTROL_PORT, text: name }));
  // Where members of etcd are machines of their own no control plane is one.
  const isTold = externalEtcd && origins.etcd === 'default';
  return {
    settings: { ...settings, peers, ...(isTold ? { etcd: 'external' } : {}) },
    origins: { ...origins, peers: origins.inventory, ...(isTold ? { etcd: origins.inventory } : {}) },
  };
}
