import type { Draft } from '../../src/engine/check.ts';
import type { Node } from '../../src/engine/node.ts';
import type { Facts } from '../../src/evidence/facts.ts';
import type { Reading } from '../../src/evidence/reading.ts';
import { isRead, valueOf } from '../../src/judging/reading.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { kubeletConfiguration } from '../../src/judging/host/kubelet-configuration.ts';
import { notShown } from '../../src/judging/not-shown.ts';
import { REQUIRED_CONTROLLERS } from '../../src/kubernetes/kernel-features.ts';
import { ownNode } from '../../src/kubernetes/own-node.ts';
import { isFrom } from '../../src/kubernetes/versions.ts';
import { minorOf, parseVersion } from '../../src/values/version.ts';

const reasons = {
  v2: 'pass',
  v1: 'pass',
  deprecated: 'warn',
  unsupported: 'fail',
  missing: 'fail',
  'not-mounted': 'fail',
  'not-shown': 'skip',
  undecided: 'unknown',
} as const;

type Finding = Draft<typeof reasons>;

const KUBEADM = 'SystemVerification';
const CONTROLLERS = 'cgroup controllers';
/** Version 1 is in maintenance since the first, and the kubelet fails on it by default since the second: https://kubernetes.io/docs/concepts/architecture/cgroups/ */
const MAINTENANCE = '1.31';
const REFUSED = '1.35';

const toVersion2 = {
  text: 'Boot with cgroup v2 alone: a current distribution does by default; with systemd 226 or later on a kernel from 5.8 on, add systemd.unified_cgroup_hierarchy=1 to the kernel’s command line, and reboot.',
  commands: [
    // However the distribution's own file quotes its line, or leaves it out: a shell reads both files, this one last.
    `if command -v grubby >/dev/null; then grubby --update-kernel=ALL --args=systemd.unified_cgroup_hierarchy=1; else mkdir -p /etc/default/grub.d && printf '%s\\n' 'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX systemd.unified_cgroup_hierarchy=1"' > /etc/default/grub.d/90-kubernetes.cfg && update-grub; fi`,
  ],
};

export default defineCheck({
  id: 'kernel/cgroups',
  title: 'control groups are of a version that the kubelet accepts',
  docs: 'https://kubernetes.io/docs/concepts/architecture/cgroups/',
  kubeadm: [KUBEADM],
  stages: ['fresh', 'joined'],
  reasons,
  needs: ['cgroups'],
  wants: ['kubeletConfig', 'kubelet', 'clusterNodes'],
  judge({ cgroups, kubeletConfig, kubelet, clusterNodes }, context) {
    const { node } = context;
    const { version, mount } = cgroups;
    if (cgroups.shown === false) return [notShown('cgroup version')];
    const evidence = { version, mount };
    if (version === null) {
      return [
        {
          subject: 'cgroup version',
          reason: 'not-mounted',
          message: 'No cgroup file system is mounted.',
          why: 'The kubelet and the container runtime do not start without one.',
          expected: 'cgroup v2 at /sys/fs/cgroup',
          actual: 'none',
          evidence,
          remedy: {
            text: 'systemd mounts it; with OpenRC enable the service cgroups, otherwise mount it from fstab(5).',
            commands: [
              'if command -v rc-update >/dev/null; then rc-update add cgroups boot && rc-service cgroups start; else printf "\\ncgroup2 /sys/fs/cgroup cgroup2 defaults 0 0\\n" >> /etc/fstab && mount /sys/fs/cgroup; fi',
            ],
          },
          kubeadm: KUBEADM,
        },
      ];
    }
    return [judgeVersion(), judgeControllers(version, cgroups)];

    function judgeVersion(): Finding {
      const subject = 'cgroup version';
      if (version === 2) return { subject, reason: 'v2', message: 'The machine uses cgroup v2.', evidence };
      const config = valueOf(kubeletConfiguration(kubeletConfig, context));
      const allowed = config?.flags['fail-cgroupv1'] === 'false' || config?.failCgroupV1 === false;
      const current = versionOfKubelet(node, kubelet, clusterNodes);
      if (current !== null && !isFrom(current, MAINTENANCE)) {
        const message = `The machine uses cgroup v1, which Kubernetes ${current} supports.`;
        return { subject, reason: 'v1', message, evidence };
      }
      // kubeadm refuses a fresh machine whatever the kubelet is told; a node that serves goes by its kubelet alone.
      const refused = current !== null && isFrom(current, REFUSED);
      if (allowed && (node.stage === 'joined' || !refused)) {
        const message = 'The machine uses cgroup v1, and its kubelet is told to accept that (failCgroupV1: false).';
        return { subject, reason: 'v1', message, evidence };
      }
      if (current === null || (refused && node.stage === 'joined' && !isRead(kubeletConfig))) {
        const unseen =
          current === null ? 'which version of Kubernetes runs on it' : 'whether its kubelet is told to accept that';
        const message = `The machine uses cgroup v1; ${unseen} does not show.`;
        return { subject, reason: 'undecided', message, evidence };
      }
      const failure = { subject, expected: 'cgroup v2', actual: 'cgroup v1', evidence, remedy: toVersion2 };
      if (!refused) {
        return {
          ...failure,
          reason: 'deprecated',
          message: `The machine uses cgroup v1, which is in maintenance: Kubernetes ${current} runs on it, the kubelet of ${REFUSED} refuses it by default.`,
          kubeadm: KUBEADM,
        };
      }
      return {
        ...failure,
        reason: 'unsupported',
        message:
          node.stage === 'fresh'
            ? `The machine uses cgroup v1: kubeadm and the kubelet of Kubernetes ${current} refuse it.`
            : `The machine uses cgroup v1, and nothing tells its kubelet to accept that: from ${REFUSED} on it does not start.`,
        kubeadm: KUBEADM,
      };
    }
  },
});

/** It is the kubelet that refuses: on a joined node its own version counts, which may lag behind the API server's. Null: nothing tells. */
function versionOfKubelet(
  node: Node,
  programs: Reading<Facts['kubelet']>,
  clusterNodes: Reading<Facts['clusterNodes']>,
) {
  const { stage, kubernetesVersion, versionFrom } = node;
  if (stage === 'fresh') return kubernetesVersion;
  const installed = valueOf(programs)?.kubelet?.version;
  // From a container its program is not run; what it told the API says the same.
  const registered = ownNode(valueOf(clusterNodes) ?? [], node)?.kubeletVersion;
  const own = parseVersion(installed ?? registered ?? '');
  if (own !== null) return minorOf(own);
  return versionFrom === 'said' ? kubernetesVersion : null;
}

function judgeControllers(version: 1 | 2, { controllers: enabled, boundToVersion1 = [] }: Facts['cgroups']): Finding {
  if (enabled === null) {
    const message = 'The cgroup file system is not visible from here, so its controllers are not known.';
    return { subject: CONTROLLERS, reason: 'undecided', message };
  }
  const missing = REQUIRED_CONTROLLERS[version].filter((name) => !enabled.includes(name));
  const evidence = { enabled, missing };
  if (missing.length === 0) {
    const reason = version === 2 ? 'v2' : 'v1';
    return { subject: CONTROLLERS, reason, message: 'Every controller that the kubelet needs is enabled.', evidence };
  }
  const failure = {
    subject: CONTROLLERS,
    reason: 'missing',
    why: 'The kubelet does not start without them.',
    expected: REQUIRED_CONTROLLERS[version].join(' '),
    actual: enabled.join(' '),
    kubeadm: KUBEADM,
  } as const;
  const bound = missing.filter((name) => boundToVersion1.includes(name));
  if (bound.length > 0) {
    return {
      ...failure,
      message: `The machine uses cgroup v2, and hierarchies of cgroup v1 keep ${bound.join(', ')} from it.`,
      evidence: { ...evidence, boundToVersion1: bound },
      remedy: toVersion2,
    };
  }
  return {
    ...failure,
    message: `The kernel has no cgroup controller ${missing.join(', ')}.`,
    evidence,
    remedy: {
      text: 'Take cgroup_disable=… from the kernel’s command line, and reboot; on a Raspberry Pi add cgroup_enable=cpuset cgroup_enable=memory cgroup_memory=1 to cmdline.txt.',
    },
  };
}
