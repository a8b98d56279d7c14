import type { Node } from '../../engine/node.ts';
import type { Facts } from '../../evidence/facts.ts';
import type { Reading } from '../../evidence/reading.ts';
import { isChosenByProgram, nodeAddresses } from '../../kubernetes/node-address.ts';
import type { Settings } from '../../plan/settings.ts';
import { canonicalIp, parseIp } from '../../values/ip.ts';
import { clusterFamilies } from './cluster-families.ts';

/** A node with what tells at which addresses it is met. */
export interface MetNode {
  readonly node: Node;
  readonly facts: {
    readonly interfaces: Facts['interfaces'];
    readonly routes: Facts['routes'];
    readonly kubeletConfig: Reading<Facts['kubeletConfig']>;
  };
}

/** Where the other nodes meet a node: the address that kubelet was told, else that which was named, else that which would be chosen. */
export function addressesOf(each: MetNode, plan: Settings): string[] {
  const told = toldToKubelet(each);
  const known = told.length > 0 ? told : each.node.addresses.filter((address) => !isChosenByProgram(address));
  return known.length > 0 ? ofCluster(known, each, plan) : choicesOf(each, plan);
}

/** What kubeadm and kubelet would choose. */
export function choicesOf(each: MetNode, plan: Settings): string[] {
  const { interfaces, routes } = each.facts;
  return ofCluster(
    nodeAddresses(interfaces, routes).map(({ address }) => address),
    each,
    plan,
  );
}

/** Those of the families that the cluster uses, or the first: what a machine has of another family is not for the cluster. */
function ofCluster(addresses: readonly string[], { facts }: MetNode, plan: Settings): string[] {
  const families = clusterFamilies(plan, {
    interfaces: { value: facts.interfaces },
    kubeletConfig: facts.kubeletConfig,
  });
  const used = addresses.filter((address) => families.some((family) => parseIp(address)?.family === family));
  return [...new Set((used.length > 0 ? used : addresses.slice(0, 1)).map(canonicalIp))];
}

/** What the arguments of a kubelet say: one address, or one of each family. */
function toldToKubelet({ node, facts: { kubeletConfig } }: MetNode): string[] {
  if (!('value' in kubeletConfig)) return [];
  const { flags, extraFlags } = kubeletConfig.value;
  // kubeadm writes its own arguments anew when it sets a node up.
  const told = (node.stage === 'joined' ? flags : extraFlags)['node-ip'] ?? '';
  return told.split(',').filter((address) => parseIp(address) !== null && !isChosenByProgram(address));
}

/** Whether nothing that can be seen says which address of this node to take. */
export function leavesChoice(each: MetNode, { nodeIp, advertiseAddress }: Settings): boolean {
  const said = each.node.self && (nodeIp.length > 0 || advertiseAddress !== null);
  return !said && toldToKubelet(each).length === 0;
}
