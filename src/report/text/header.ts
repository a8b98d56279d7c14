import type { Report } from '../schema.ts';
import type { Inventory } from '../../values/inventory.ts';
import { formatBytes } from '../../values/quantity.ts';
import type { Layout } from './layout.ts';

type Node = Report['nodes'][number];

const NODES = 20;

/** Who was judged, and as what. */
export function header({ nodes, plan }: Report, layout: Layout): string[] {
  const cluster = [clusterVersion(nodes), addOn(plan)].join(', ');
  const [only] = nodes;
  if (nodes.length === 1 && only !== undefined) {
    return [
      ...layout.paragraph([{ text: only.name, tone: 'strong' }, `${who(only)}, ${cluster}`], { hanging: 4 }),
      ...(only.inventory === undefined ? [] : layout.paragraph([machineOf(only.inventory)], { hanging: 4 })),
    ];
  }
  const width = Math.max(...nodes.map(({ name }) => name.length));
  return [
    ...layout.paragraph([`${nodes.length} nodes, ${cluster}`], { hanging: 4 }),
    ...nodes.slice(0, NODES).flatMap((node) => {
      const gap = ' '.repeat(Math.min(30, width) - Math.min(30, node.name.length));
      return layout.paragraph(
        [{ text: node.name, tone: 'strong' }, `${gap}${who(node)}${node.self ? ', this node' : ''}`],
        { indent: 2, hanging: 4 },
      );
    }),
    ...(nodes.length > NODES ? [`  and ${nodes.length - NODES} more`] : []),
  ];
}

/** What kind of machine it is, for who wants to see all there is. */
function machineOf({ os, kernel, architecture, virtualisation, cpu, cores, memory }: Inventory): string {
  const kind = virtualisation === null ? '' : ` on ${virtualisation}`;
  return `${os}, kernel ${kernel}, ${architecture}${kind}, ${cores} cores (${cpu}), ${formatBytes(memory)} of memory`;
}

function who({ addresses, roles, stage }: Node): string {
  const where = addresses.length === 0 ? '' : ` (${addresses.join(', ')})`;
  return `${where} as ${roles.includes('any') ? 'any role' : roles.join(' and ')}, ${stage}`;
}

function clusterVersion(nodes: Report['nodes']): string {
  const versions = [...new Set(nodes.map(({ kubernetesVersion }) => kubernetesVersion))];
  const origins = [...new Set(nodes.map(({ versionFrom }) => versionFrom))];
  const origin = versions.length === 1 && origins.length === 1 ? ` (${origins.join()})` : '';
  return `Kubernetes ${versions.join(' and ')}${origin}`;
}

function addOn(plan: Report['plan']): string {
  const cni = plan['cni']?.value;
  return typeof cni === 'string' ? `network add-on ${cni}` : 'network add-on not named';
}
