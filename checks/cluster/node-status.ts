import type { Draft } from '../../src/engine/check.ts';
import type { Facts } from '../../src/evidence/facts.ts';
import type { Reading } from '../../src/evidence/reading.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { podNetworkElsewhere } from '../../src/judging/pod-network-elsewhere.ts';
import { ownNode } from '../../src/kubernetes/own-node.ts';
import { kubeletMayLagBy } from '../../src/kubernetes/version-skew.ts';
import { canonicalIp } from '../../src/values/ip.ts';
import { shellQuote } from '../../src/values/shell.ts';
import { parseVersion } from '../../src/values/version.ts';

const REASONS = {
  ready: 'pass',
  'not-ready': 'fail',
  'not-heard': 'unknown',
  'not-registered': 'fail',
  'not-shown': 'skip',
  deleting: 'warn',
  'address-here': 'pass',
  'address-gone': 'warn',
  'address-elsewhere': 'fail',
  'name-taken': 'fail',
  'name-left': 'warn',
  'name-free': 'pass',
  'kubelet-fits': 'pass',
  'kubelet-not-restarted': 'warn',
  'kubelet-too-new': 'fail',
  'kubelet-too-old': 'fail',
  'pods-here': 'pass',
  'pods-elsewhere': 'warn',
} as const;

type Finding = Draft<typeof REASONS>;
type Node = NonNullable<Facts['clusterNodes']>[number];

export default defineCheck({
  id: 'cluster/node-status',
  title: 'what the API says of this node fits this machine',
  docs: 'https://kubernetes.io/docs/concepts/architecture/nodes/',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  requires: ['kubeconfig'],
  reasons: REASONS,
  needs: ['clusterNodes', 'interfaces'],
  wants: ['clusterNetworks', 'machineId', 'kubelet', 'cniFiles'],
  judge({ clusterNodes, interfaces, clusterNetworks, machineId, kubelet, cniFiles }, { node }) {
    const nodes = clusterNodes ?? [];
    const addresses = interfaces.interfaces.flatMap((each) => each.addresses.map(({ address }) => address));
    const named = nodes.find(({ name }) => name === node.name) ?? null;
    if (node.stage === 'fresh') return [beforeJoining(named, node.name)];
    const own = ownNode(nodes, { name: node.name, addresses });
    if (own === null && interfaces.shown === false) return [notShown(node.name)];
    if (own === null) return [notRegistered(node.name)];
    const here = interfaces.shown === false ? null : addressHere(own, addresses, machineId);
    // Another machine is what the API tells of: that it is ready says nothing of this one.
    if (here?.reason === 'name-taken') return [here];
    return [
      readiness(own),
      ...(here === null ? [] : [here]),
      ...kubeletFits(own, kubelet, clusterNetworks),
      ...podsHere(own, interfaces, cniFiles),
      ...(own.deleting ? [deleting(own)] : []),
    ];
  },
});

/** `kubeadm join` ends where a node of this name is Ready: https://github.com/kubernetes/kubeadm/issues/1711 */
function beforeJoining(named: Node | null, name: string): Finding {
  const subject = 'name';
  if (named === null) return { subject, reason: 'name-free', message: `The cluster has no node ${name} yet.` };
  const remedy = {
    text: `If this machine was that node and was set up anew, delete it there; else give this machine another name: --node-name of kubeadm.`,
    commands: [`kubectl delete node ${shellQuote(named.name)}`],
  };
  if (named.ready === 'True')
    return {
      subject,
      reason: 'name-taken',
      message: `The cluster has a node ${name} already, and it is Ready.`,
      why: 'kubeadm join ends there: two machines of one name would overwrite each other.',
      expected: 'a name that no node has',
      actual: `${name} with the address ${named.internalIps.join(' and ') || 'that is not known'}`,
      remedy,
    };
  return {
    subject,
    reason: 'name-left',
    message: `The cluster has a node ${name} already, which is not Ready: this machine would take its place.`,
    why: 'Labels, taints and pods of the node that was are those of this machine then.',
    remedy,
  };
}

function notShown(name: string): Finding {
  return {
    subject: 'registration',
    reason: 'not-shown',
    message: `The cluster has no node ${name}, and this directory shows no addresses by which it could have another name.`,
  };
}

function notRegistered(name: string): Finding {
  return {
    subject: 'registration',
    reason: 'not-registered',
    message: `This machine has joined a cluster, and the one that --kubeconfig leads to has no node ${name}, nor one with an address of this machine.`,
    why: 'No pods are run on a machine that the API does not know.',
    expected: `a node ${name}`,
    actual: 'none',
    remedy: {
      text: 'See that the kubeconfig is that of the cluster of this machine. If it is, the node was deleted: restarted, the kubelet registers anew.',
      commands: ['systemctl restart kubelet.service'],
    },
  };
}

function readiness({ name, ready, readyWhy }: Node): Finding {
  const subject = 'ready';
  if (ready === 'True') return { subject, reason: 'ready', message: `The API says that node ${name} is Ready.` };
  if (ready === null)
    return {
      subject,
      reason: 'not-heard',
      message: `Node ${name} is registered, and the API does not say yet whether it is Ready.`,
    };
  const unheard = ready === 'Unknown';
  return {
    subject,
    reason: 'not-ready',
    message: `The API says that node ${name} is not Ready${readyWhy === null ? '' : `: ${readyWhy.replace(/\.$/, '')}`}.`,
    why: 'No pods are put on it, and after some minutes those that are there are taken away.',
    expected: 'Ready: True',
    actual: `Ready: ${ready}`,
    remedy: {
      text: unheard
        ? 'Its kubelet has not reported for 40 seconds or more: see whether it runs and reaches the API server.'
        : 'What is missing is what the kubelet says; its journal says more.',
      commands: ['journalctl -u kubelet.service --since -10min'],
    },
  };
}

/** The address by which the API server reaches the kubelet has to be one of this machine. */
function addressHere(
  { name, internalIps, machineId }: Node,
  addresses: readonly string[],
  own: Reading<Facts['machineId']>,
): Finding | null {
  const subject = 'address';
  if (internalIps.length === 0) return null;
  const here = new Set(addresses.map(canonicalIp));
  const gone = internalIps.filter((address) => !here.has(canonicalIp(address)));
  const told = internalIps.join(' and ');
  if (gone.length === 0)
    return { subject, reason: 'address-here', message: `${told}, the address of node ${name}, is on this machine.` };
  const seen = {
    expected: `${told} on an interface`,
    actual: addresses.filter((each) => !each.startsWith('fe80:')).join(', '),
  };
  const ownId = 'value' in own ? own.value.machineId : null;
  if (gone.length === internalIps.length && machineId !== null && ownId !== null && machineId !== ownId)
    return {
      subject,
      reason: 'name-taken',
      message: `The node ${name} of the cluster is another machine, at ${told}: it has another machine-id than this one.`,
      why: 'Two kubelets that register one name overwrite each other, and pods are lost in between.',
      ...seen,
      remedy: {
        text: 'Give one of the two another name, and have it join anew under it: hostnamectl, then kubeadm reset and join.',
      },
    };
  const remedy = {
    text: 'Where the address of the machine was changed, the kubelet reports the new one after a restart; where --node-ip names the old one, mend that first, in /var/lib/kubelet/kubeadm-flags.env or /etc/default/kubelet.',
    commands: ['systemctl restart kubelet.service'],
  };
  if (gone.length < internalIps.length)
    return {
      subject,
      reason: 'address-gone',
      message: `${gone.join(' and ')} of node ${name} is no address of this machine; the other one is.`,
      ...seen,
      remedy,
    };
  return {
    subject,
    reason: 'address-elsewhere',
    message: `The API reaches node ${name} by ${told}, which is no address of this machine.`,
    why: 'Logs, exec and metrics of its pods fail, and other nodes send their packets for these pods elsewhere.',
    ...seen,
    remedy,
  };
}

function kubeletFits(
  { kubeletVersion }: Node,
  installed: Reading<Facts['kubelet']>,
  networks: Reading<Facts['clusterNetworks']>,
): Finding[] {
  const subject = 'kubelet';
  const running = parseVersion(kubeletVersion ?? '');
  const version = 'value' in networks ? (networks.value?.version ?? '') : '';
  const server = parseVersion(version);
  if (running === null || server === null) return [];
  const lag = (server.major - running.major) * 1000 + server.minor - running.minor;
  const most = kubeletMayLagBy(server);
  const skew = {
    subject,
    message: `Kubelet ${kubeletVersion} runs here, and the API server is of version ${version}.`,
    why: 'A kubelet must not be newer than the API server, nor too old to understand it.',
    expected: `${server.major}.${server.minor}, or up to ${most} minor versions older`,
    actual: kubeletVersion ?? '',
  };
  if (lag < 0)
    return [
      {
        ...skew,
        reason: 'kubelet-too-new',
        remedy: {
          text: `Upgrade the control plane first, or install a kubelet of Kubernetes ${server.major}.${server.minor}.`,
        },
      },
    ];
  if (lag > most)
    return [
      {
        ...skew,
        reason: 'kubelet-too-old',
        remedy: {
          text: `Upgrade the kubelet of this node: https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/upgrading-linux-nodes/`,
        },
      },
    ];
  const here = 'value' in installed ? (installed.value.kubelet?.version ?? null) : null;
  if (here !== null && here !== (kubeletVersion ?? '').replace(/^v/, ''))
    return [
      {
        subject,
        reason: 'kubelet-not-restarted',
        message: `Kubelet ${here} is installed, and the one that runs reports ${kubeletVersion}.`,
        why: 'What was installed does not run before the kubelet is restarted.',
        expected: here,
        actual: kubeletVersion ?? '',
        remedy: {
          text: 'Restart it, in the order of an upgrade.',
          commands: ['systemctl daemon-reload', 'systemctl restart kubelet.service'],
        },
      },
    ];
  return [
    {
      subject,
      reason: 'kubelet-fits',
      message: `Kubelet ${kubeletVersion} fits the API server, ${version}.`,
    },
  ];
}

function podsHere(
  { name, podCidrs }: Node,
  interfaces: Facts['interfaces'],
  files: Reading<Facts['cniFiles']>,
): Finding[] {
  const subject = 'pod network';
  if (podCidrs.length === 0) return [];
  const told = podCidrs.join(' and ');
  const elsewhere = podNetworkElsewhere(podCidrs, interfaces, 'value' in files ? files.value : null);
  if (elsewhere === null) return [];
  if (elsewhere.length === 0)
    return [
      {
        subject,
        reason: 'pods-here',
        message: `Pods of this machine have addresses of ${told}, as the API says of node ${name}.`,
      },
    ];
  return elsewhere.map(({ where, network }) => ({
    subject,
    reason: 'pods-elsewhere',
    message: `Pods of this machine have addresses of ${network} (${where}), and the API says ${told} of node ${name}.`,
    why: 'Other nodes send packets for the network that the API says, and the pods here do not get them.',
    expected: told,
    actual: network,
    remedy: {
      text: 'The bridge or the configuration is left from before the node was given this network. Drain the node, remove the bridge or the file, and start the network add-on and the pods anew.',
    },
  }));
}

function deleting({ name }: Node): Finding {
  return {
    subject: 'registration',
    reason: 'deleting',
    message: `The node ${name} is being deleted from the cluster.`,
    remedy: {
      text: 'If that is not meant, the kubelet registers it anew once it is gone and the kubelet was restarted.',
    },
  };
}
