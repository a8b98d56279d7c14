import type { Node } from '../../engine/node.ts';
import type { Facts } from '../../evidence/facts.ts';
import { neededPorts } from '../../kubernetes/needed-ports.ts';
import { COMPONENT_PORTS } from '../../kubernetes/ports.ts';
import type { Settings } from '../../plan/settings.ts';
import { formatPortRange } from '../../values/port-range.ts';

/** What other nodes reach here: `6443/tcp`. */
export function portsToOpen(node: Node, plan: Settings): string[] {
  const remote = new Set(
    COMPONENT_PORTS.filter(({ from }) => from.length > 0).map(({ component, port }) => `${component} ${port}`),
  );
  const isRemote = ({ by, port, bind }: ReturnType<typeof neededPorts>[number]) =>
    remote.has(`${by} ${port}`) ||
    by === 'kube-apiserver' ||
    (!COMPONENT_PORTS.some((row) => row.component === by) && !bind.includes('loopback'));
  const needed = neededPorts(node, plan).filter((port) => isRemote(port) && !port.legacy);
  const range = formatPortRange(plan.nodePortRange);
  return [...needed.map(({ port, protocol }) => `${port}/${protocol}`), `${range}/tcp`, `${range}/udp`];
}

/** What opens them, where a manager of firewalls loads the rules. */
export function commandsToOpen(
  manager: Facts['firewall']['managers'][number]['name'],
  ports: readonly string[],
): string[] {
  if (manager === 'firewalld') {
    return [`firewall-cmd --permanent ${ports.map((port) => `--add-port=${port}`).join(' ')} && firewall-cmd --reload`];
  }
  if (manager === 'ufw') return ports.map((port) => `ufw allow ${port.replace('-', ':')}`);
  return ['nft list ruleset'];
}
