import type { Draft } from '../../src/engine/check.ts';
import type { Facts } from '../../src/evidence/facts.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { overlapping } from '../../src/judging/cluster/overlapping-networks.ts';
import { ownNode } from '../../src/kubernetes/own-node.ts';
import { contains, formatCidr, network, overlaps, parseCidr, type Cidr } from '../../src/values/cidr.ts';
import { parseIp, WIDTH } from '../../src/values/ip.ts';
import { shellQuote } from '../../src/values/shell.ts';

const REASONS = {
  apart: 'pass',
  'none-given': 'skip',
  overlap: 'fail',
  outside: 'warn',
  missing: 'warn',
} as const;

type Finding = Draft<typeof REASONS>;
type Node = NonNullable<Facts['clusterNodes']>[number];

/** A network, and whose it is. */
interface Whose {
  readonly what: string;
  readonly cidr: Cidr;
}

export default defineCheck({
  id: 'cluster/pod-cidrs',
  title: 'pod networks of the nodes are apart from each other and from all else',
  docs: 'https://kubernetes.io/docs/concepts/architecture/nodes/#node-controller',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  requires: ['kubeconfig'],
  reasons: REASONS,
  needs: ['clusterNodes'],
  wants: [],
  judge({ clusterNodes }, { node, plan }) {
    const nodes = clusterNodes ?? [];
    const given = nodes.filter(({ podCidrs }) => podCidrs.length > 0);
    if (given.length === 0)
      return [
        {
          subject: 'pod networks',
          reason: 'none-given',
          message: 'The API gives no node a pod network: the network add-on hands out addresses by itself.',
        },
      ];
    const pods = given.flatMap(networksOf);
    const clashes = [
      ...overlapping(pods),
      ...withOthers(
        pods,
        plan.serviceCidr.flatMap((text) => whose('the service network', text)),
      ),
      ...withOthers(pods, nodes.flatMap(addressesOf)),
    ];
    // One that could not be reached is known by the address under which it was tried.
    const own = ownNode(nodes, { name: node.name, addresses: [...node.addresses, node.name] });
    const findings = [
      ...clashes.map(overlap),
      ...(own === null ? [] : own.podCidrs.length > 0 ? outside(own, plan.podCidr) : missing(own)),
    ];
    if (findings.length > 0) return findings;
    return [
      {
        subject: 'pod networks',
        reason: 'apart',
        message: `The pod networks of ${given.length} ${given.length === 1 ? 'node' : 'nodes'} are apart from each other, and from Services and nodes.`,
        evidence: { nodes: given.length, networks: pods.length },
      },
    ];
  },
});

function whose(what: string, text: string): Whose[] {
  const cidr = parseCidr(text);
  return cidr === null ? [] : [{ what, cidr }];
}

function networksOf({ name, podCidrs }: Node): Whose[] {
  return podCidrs.flatMap((text) => whose(`the pods of ${name}`, text));
}

function addressesOf({ name, internalIps }: Node): Whose[] {
  return internalIps.flatMap((text) => {
    const ip = parseIp(text);
    return ip === null ? [] : [{ what: `the address of ${name}`, cidr: network(ip, WIDTH[ip.family]) }];
  });
}

/** Pods that overlap with something else; what overlaps among the others is not asked here. */
function withOthers(pods: readonly Whose[], others: readonly Whose[]): [Whose, Whose][] {
  const isOther = new Set(others);
  return overlapping([...pods, ...others]).filter(([a, b]) => isOther.has(a) !== isOther.has(b));
}

function overlap([a, b]: [Whose, Whose]): Finding {
  // With the networks: in a dual-stack cluster both families of the same two may overlap.
  const both = [a, b].map(({ what, cidr }) => `${what} (${formatCidr(cidr)})`).join(' and ');
  return {
    subject: both,
    reason: 'overlap',
    message: `The networks of ${both} overlap.`,
    why: 'Packets for one go to the other.',
    expected: 'networks of their own',
    actual: `${formatCidr(a.cidr)} and ${formatCidr(b.cidr)}`,
    remedy: {
      text: 'A node keeps the pod network that it was given: delete the node whose network is wrong, and have it join anew. Where a range of the cluster is wrong, it is --cluster-cidr of kube-controller-manager or --service-cluster-ip-range of kube-apiserver.',
    },
  };
}

/** kube-proxy and some add-ons take for pods what is in the network of the cluster. */
function outside({ name, podCidrs }: Node, cluster: readonly string[]): Finding[] {
  const all = cluster.flatMap((text) => parseCidr(text) ?? []);
  return podCidrs.flatMap((text): Finding[] => {
    const cidr = parseCidr(text);
    const same = all.filter(({ family }) => family === cidr?.family);
    if (cidr === null || same.length === 0 || same.some((each) => isWithin(cidr, each))) return [];
    return [
      {
        subject: `the pods of ${name} (${text})`,
        reason: 'outside',
        message: `The pod network of ${name}, ${text}, is not within that of the cluster, ${same.map(formatCidr).join(' and ')}.`,
        why: 'What goes to pods of the cluster may be given another source address, and policies do not take it for pods.',
        expected: `within ${same.map(formatCidr).join(' and ')}`,
        actual: text,
        remedy: {
          text: 'See that podSubnet in the ConfigMap kubeadm-config, --cluster-cidr of kube-controller-manager and the network add-on say the same; then have the node join anew.',
        },
      },
    ];
  });
}

function isWithin(inner: Cidr, outer: Cidr): boolean {
  return (
    overlaps(inner, outer) &&
    outer.prefix <= inner.prefix &&
    contains(outer, { family: inner.family, bits: inner.base })
  );
}

/** A node that is not Ready may have registered a moment ago, and its network is still to be given: cluster/node-status tells of it. */
function missing({ name, ready }: Node): Finding[] {
  if (ready !== 'True') return [];
  return [
    {
      subject: `the pods of ${name}`,
      reason: 'missing',
      message: `The API gave other nodes a pod network, and ${name} none.`,
      why: 'flannel and others start no pods on a node without one; the range of the cluster may be used up.',
      expected: 'a pod network',
      actual: 'none',
      remedy: {
        text: 'See the events of the node: CIDRNotAvailable says that the range of --cluster-cidr is used up.',
        commands: [`kubectl describe node ${shellQuote(name)}`],
      },
    },
  ];
}
