import type { Facts } from '../../src/evidence/facts.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { addonOf, NOT_BROUGHT } from '../../src/kubernetes/cni.ts';
import { shellQuote } from '../../src/values/shell.ts';

type Plugins = Facts['cniPlugins'];

export default defineCheck({
  id: 'cni/bin-dir',
  title: 'the directory of CNI plugins is where the runtime looks, and complete',
  docs: 'https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/#installing-kubeadm-kubelet-and-kubectl',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  reasons: {
    present: 'pass',
    'not-installed': 'pass',
    missing: 'fail',
    'writable-by-others': 'warn',
    'runtime-looks-elsewhere': 'warn',
    'not-copied': 'skip',
  },
  needs: ['cniPlugins'],
  wants: [],
  judge({ cniPlugins }, { node, plan }) {
    const { directories, plugins, chain, live } = cniPlugins;
    const elsewhere = runtimeElsewhere(cniPlugins, node.stage === 'joined');
    const there = directories.filter(({ real }) => real !== null);
    const writable = there.flatMap(({ path, writableByOthers }) =>
      writableByOthers === null
        ? []
        : [
            {
              subject: path,
              reason: 'writable-by-others' as const,
              message: `Users other than root can write ${writableByOthers}: they can replace plugins, which run as root.`,
              expected: 'owned by root and writable by root alone',
              actual: `${writableByOthers} is not`,
              evidence: { path: writableByOthers },
              remedy: {
                text: 'Give it to root and take the right to write from everybody else.',
                commands: [
                  `chown root:root ${shellQuote(writableByOthers)} && chmod go-w ${shellQuote(writableByOthers)}`,
                ],
              },
            },
          ],
    );
    const names = new Set(there.flatMap((directory) => directory.plugins));
    const subject = directories.map(({ path }) => path).join(', ');
    if (names.size > 0) {
      const absent = notBrought(plan.cni).filter((type) => !names.has(type));
      if (absent.length > 0 && chain === null)
        return [...elsewhere, ...writable, referencePluginsMissing(subject, plan.cni, absent)];
      return [
        ...elsewhere,
        ...(writable.length > 0
          ? writable
          : [
              {
                subject,
                reason: 'present' as const,
                message: `${subject} holds ${names.size === 1 ? 'one plugin' : `${names.size} plugins`}.`,
                evidence: {
                  directories: there.map(({ path }) => path),
                  found: plugins.flatMap(({ path }) => path ?? []),
                },
              },
            ]),
      ];
    }
    if (!live && there.length === 0) {
      return [
        { subject, reason: 'not-copied', message: `The directory that stands for this machine has no ${subject}.` },
      ];
    }
    const state = there.length === 0 ? 'does not exist' : 'is empty';
    if (node.stage === 'joined' && (plan.cni !== 'none' || chain !== null)) {
      return [
        ...elsewhere,
        {
          subject,
          reason: 'missing',
          message: `${subject} ${state}: no network add-on has put its plugins there, and no pod of this node gets an address.`,
          expected: 'the plugins of the network add-on',
          actual: state,
          remedy: {
            text: 'Install a network add-on in the cluster, or restart its pod on this node: its installer puts the plugins there.',
          },
        },
      ];
    }
    const absent = notBrought(plan.cni);
    if (absent.length > 0) return [...elsewhere, ...writable, referencePluginsMissing(subject, plan.cni, absent)];
    return [
      ...elsewhere,
      ...writable,
      {
        subject,
        reason: 'not-installed',
        message: `${subject} ${state}, which is normal before a network add-on is installed: its installer puts the plugins there.`,
      },
    ];
  },
});

function notBrought(cni: string | null): readonly string[] {
  return cni === null ? [] : (NOT_BROUGHT[addonOf(cni)] ?? []);
}

function referencePluginsMissing(subject: string, cni: string | null, absent: readonly string[]) {
  return {
    subject,
    reason: 'missing' as const,
    message: `${subject} lacks ${absent.join(', ')}, which ${cni ?? 'the network add-on'} calls and its installer does not bring.`,
    expected: absent.join(', '),
    actual: 'absent',
    evidence: { absent },
    remedy: {
      text: 'Install the reference plugins: the package kubernetes-cni of pkgs.k8s.io has them, and so has the release of containernetworking/plugins.',
    },
  };
}

/** Add-ons put their plugins where the plan says, and the runtime looks where its own configuration says. */
function runtimeElsewhere(
  { runtime, runtimeDirectories, planned, plannedReal, directories, plugins }: Plugins,
  joined: boolean,
) {
  if (runtimeDirectories === null || runtimeDirectories.includes(planned)) return [];
  if (
    plannedReal !== null &&
    directories.some(({ real }) => real === plannedReal) &&
    directories.some(({ path }) => runtimeDirectories.includes(path))
  )
    return [];
  // On a joined node whose chain is complete where the runtime looks, somebody has seen to it.
  const chain = plugins.filter(({ role }) => role !== 'loopback');
  if (
    joined &&
    chain.length > 0 &&
    chain.every(({ path }) => path !== null && runtimeDirectories.some((directory) => path.startsWith(`${directory}/`)))
  )
    return [];
  const looked = runtimeDirectories.join(', ');
  return [
    {
      subject: planned,
      reason: 'runtime-looks-elsewhere' as const,
      message: `${runtime ?? 'The runtime'} looks for plugins in ${looked}, and network add-ons put them into ${planned}.`,
      why: 'The plugin that an add-on installs is then not found, and every pod stays in ContainerCreating.',
      expected: planned,
      actual: looked,
      evidence: { runtimeDirectories, planned },
      remedy: {
        text:
          runtime === 'containerd'
            ? `Set bin_dir of the CRI plugin's cni section in /etc/containerd/config.toml to ${planned} and restart containerd; or name the directory with --cni-bin-dir if the add-on is configured to use it.`
            : `Add ${planned} to plugin_dirs in CRI-O's configuration and restart it; or name the directory with --cni-bin-dir if the add-on is configured to use it.`,
      },
    },
  ];
}
