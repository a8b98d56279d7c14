import type { Node } from '../../src/engine/node.ts';
import type { Facts } from '../../src/evidence/facts.ts';
import type { Settings } from '../../src/plan/settings.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import {
  leftoverFiles,
  otherNetworks,
  RESERVATIONS_DIRECTORY,
  type LeftoverFile,
} from '../../src/kubernetes/leftovers.ts';
import { shellQuote } from '../../src/values/shell.ts';

type Leftovers = Facts['leftovers'];

const reset = {
  text: 'If nothing of the earlier cluster is needed any more, let kubeadm remove it. Keep a copy of what is.',
  commands: ['kubeadm reset --force'],
};

export default defineCheck({
  id: 'host/leftovers',
  title: 'nothing is left of an earlier cluster',
  docs: 'https://kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-reset/',
  kubeadm: [
    ...leftoverFiles.filter(({ refused }) => refused).map(({ path }) => nameOf('File', path)),
    'DirAvailable--var-lib-etcd',
  ],
  stages: ['fresh'],
  reasons: { clean: 'pass', refused: 'fail', leftover: 'warn', hidden: 'unknown', 'not-shown': 'skip' },
  needs: ['leftovers'],
  wants: [],
  judge({ leftovers }, { node, plan }) {
    if (!leftovers.shown)
      return [
        { subject: '/etc/kubernetes', reason: 'not-shown', message: 'This directory has no /etc that could show it.' },
      ];
    const findings = [
      ...refusedFiles(leftovers, node),
      ...etcdData(leftovers, node, plan),
      ...otherFiles(leftovers, node),
      ...reservations(leftovers),
      ...interfaces(leftovers),
      ...hidden(leftovers, node, plan),
    ];
    return findings.length > 0
      ? findings
      : [{ subject: '/etc/kubernetes', reason: 'clean', message: 'Nothing of an earlier cluster is left.' }];
  },
});

/** As kubeadm makes it: `FileAvailable--etc-kubernetes-kubelet.conf`. */
function nameOf(kind: 'File' | 'Dir', path: string): string {
  return `${kind}Available-${path.replaceAll('/', '-')}`;
}

function isRefusedFor(file: LeftoverFile, { roles }: Node): boolean {
  if (!file.refused) return false;
  if (file.onlyFor === undefined || roles.includes('any')) return true;
  // A machine with both roles joins as a control plane.
  return file.onlyFor === 'worker'
    ? !roles.includes('control-plane') && roles.includes('worker')
    : roles.includes(file.onlyFor);
}

function refusedFiles({ files }: Leftovers, node: Node) {
  return leftoverFiles
    .filter((file) => files.includes(file.path) && isRefusedFor(file, node))
    .map(({ path, onlyFor }) => ({
      subject: path,
      reason: 'refused' as const,
      message: `${path} exists.`,
      why: 'kubeadm does not go on while it does: the machine is, or was, part of a cluster.',
      expected: 'no such file',
      actual: 'it exists',
      kubeadm: nameOf('File', path),
      ...(onlyFor === undefined ? {} : { onlyFor }),
      remedy: reset,
    }));
}

function usesLocalEtcd({ roles }: Node, { etcd }: Settings): boolean {
  return etcd === 'stacked' && (roles.includes('control-plane') || roles.includes('any'));
}

function etcdData({ etcdEntries }: Leftovers, node: Node, plan: Settings) {
  if (etcdEntries === 0 || !usesLocalEtcd(node, plan)) return [];
  const path = plan.etcdDataDir;
  return [
    {
      subject: path,
      reason: 'refused' as const,
      message:
        etcdEntries === null
          ? `${path} exists and is no directory, so it cannot be etcd's data directory.`
          : `etcd's data directory ${path} is not empty.`,
      why:
        etcdEntries === null
          ? 'kubeadm ends when it cannot see that the directory is empty.'
          : 'kubeadm does not start an etcd on the data of another one.',
      expected: 'empty, or not there',
      actual: etcdEntries === null ? 'no directory' : `${etcdEntries} entries`,
      kubeadm: nameOf('Dir', path),
      onlyFor: 'control-plane' as const,
      remedy: {
        text: 'Move the old data away. Where the directory is a file system of its own, lost+found counts too: name a directory below it as etcd.local.dataDir.',
        commands: [`mv ${shellQuote(path)} ${shellQuote(`${path}.old`)}`],
      },
    },
  ];
}

function otherFiles({ files }: Leftovers, node: Node) {
  const paths = leftoverFiles
    .filter((file) => files.includes(file.path) && !isRefusedFor(file, node) && file.onlyFor !== 'worker')
    .map(({ path }) => path);
  if (paths.length === 0) return [];
  return [
    {
      subject: 'files',
      reason: 'leftover' as const,
      message: `Files of an earlier cluster are left: ${paths.join(', ')}.`,
      why: 'A new kubelet or kubeadm would go on with them: old certificates are refused by the new cluster, old state keeps the kubelet from starting.',
      expected: 'none',
      actual: `${paths.length} left`,
      evidence: { paths },
      remedy: reset,
    },
  ];
}

function reservations({ reservations: all }: Leftovers) {
  return all
    .filter(({ network }) => !otherNetworks.includes(network))
    .map(({ network, addresses }) => {
      const path = `${RESERVATIONS_DIRECTORY}/${network}`;
      return {
        subject: path,
        reason: 'leftover' as const,
        message: `${addresses} pod addresses of the network ${network} are still held in ${path}.`,
        why: 'No pods are left that have them, and new ones cannot get them.',
        expected: 'none',
        actual: String(addresses),
        remedy: { text: 'Remove the reservations.', commands: [`rm -rf ${shellQuote(path)}`] },
      };
    });
}

function interfaces({ interfaces: names }: Leftovers) {
  if (names.length === 0) return [];
  return [
    {
      subject: 'interfaces',
      reason: 'leftover' as const,
      message: `Devices of an earlier cluster's network are left: ${names.join(', ')}.`,
      why: 'Their addresses and routes send packets for pods of the new cluster the wrong way.',
      expected: 'none',
      actual: names.join(', '),
      evidence: { names },
      remedy: {
        text: 'Delete them; a reboot does so too, once nothing makes them again.',
        commands: names.map((name) => `ip link delete ${shellQuote(name)}`),
      },
    },
  ];
}

function hidden({ hidden: paths }: Leftovers, node: Node, plan: Settings) {
  const relevant = paths.filter((path) => path !== plan.etcdDataDir || usesLocalEtcd(node, plan));
  if (relevant.length === 0) return [];
  return [
    {
      subject: 'hidden',
      reason: 'hidden' as const,
      message: `Only root can see whether there is something in ${relevant.join(', ')}.`,
      evidence: { paths: relevant },
    },
  ];
}
