import type { Draft } from '../../src/engine/check.ts';
import type { Facts } from '../../src/evidence/facts.ts';
import type { Reading } from '../../src/evidence/reading.ts';
import { isRead, valueOf } from '../../src/judging/reading.ts';
import { clusterFamilies } from '../../src/judging/cluster-families.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { commandsToSet, place, settingOf, whoSet } from '../../src/judging/sysctl-settings.ts';
import { isDefaultRoute } from '../../src/kubernetes/node-address.ts';
import { dotted } from '../../src/kubernetes/sysctls.ts';
import type { Family } from '../../src/values/ip.ts';

const reasons = {
  enabled: 'pass',
  disabled: 'fail',
  'no-ipv6': 'fail',
  reverts: 'warn',
  unread: 'unknown',
} as const;

type Finding = Draft<typeof reasons>;

interface FamilyKeys {
  readonly title: string;
  /** What the kernel goes by. */
  readonly key: string;
  readonly directory: string;
  readonly kubeadm: string;
}

const FAMILIES: Readonly<Record<Family, FamilyKeys>> = {
  4: {
    title: 'IPv4',
    key: 'net/ipv4/ip_forward',
    directory: 'net/ipv4/conf',
    kubeadm: 'FileContent--proc-sys-net-ipv4-ip_forward',
  },
  6: {
    title: 'IPv6',
    key: 'net/ipv6/conf/all/forwarding',
    directory: 'net/ipv6/conf',
    kubeadm: 'FileContent--proc-sys-net-ipv6-conf-default-forwarding',
  },
};

const WHY =
  'Packets from and to pods of this node are dropped, while the node itself answers and `kubectl get nodes` says Ready.';

export default defineCheck({
  id: 'kernel/ip-forward',
  title: 'IP forwarding is on',
  docs: 'https://kubernetes.io/docs/setup/production-environment/container-runtimes/#prerequisite-ipv4-forwarding-optional',
  kubeadm: [FAMILIES[4].kubeadm, FAMILIES[6].kubeadm],
  stages: ['fresh', 'joined'],
  reasons,
  needs: ['sysctls'],
  wants: ['sysctlFiles', 'interfaces', 'routes', 'kubeletConfig'],
  judge({ sysctls, sysctlFiles, interfaces, routes, kubeletConfig }, { node, plan }) {
    return clusterFamilies(plan, { interfaces, kubeletConfig }).flatMap((family) => {
      const { title, key, directory, kubeadm } = FAMILIES[family];
      const value = sysctls.values[key];
      if (value === undefined) {
        return sysctls.denied.includes(key) || family === 4 ? [unread(key)] : [noIpv6(kubeadm)];
      }
      const uplinks = uplinksOf(routes, family);
      const off = (subject: string, actual: string): Finding => ({
        subject: dotted(subject),
        reason: 'disabled',
        message: `${title} forwarding is off: ${dotted(subject)} is ${actual}; ${whoSet(sysctlFiles, subject, actual)}.`,
        why: WHY,
        expected: '1',
        actual,
        evidence: { key: subject, value: actual },
        // A write that changes nothing does not reach the interfaces: what is off is written itself.
        remedy: remedy(family, subject, sysctls, sysctlFiles, uplinks),
        kubeadm,
      });
      if (!isOn(value)) return [off(key, value)];
      // IPv4 packets are forwarded by the setting of the interface that they come in by; IPv6 goes by `all` alone.
      const inner = family === 4 ? uplinks.map((name) => `${directory}/${name}/forwarding`) : [];
      // Nothing is forwarded by `default`, but kubeadm reads it, and nothing else.
      if (family === 6 && node.stage === 'fresh') inner.push(`${directory}/default/forwarding`);
      const failures = inner.flatMap((each) => {
        const actual = sysctls.values[each];
        return actual === undefined || isOn(actual) ? [] : [off(each, actual)];
      });
      return failures.length > 0 ? failures : [on(family, key, value, sysctlFiles)];
    });
  },
});

function on(family: Family, key: string, value: string, files: Reading<Facts['sysctlFiles']>): Finding {
  const { title, kubeadm } = FAMILIES[family];
  const atBoot = isRead(files) ? files.value.assignments.filter((each) => each.atBoot) : [];
  const setting = settingOf(atBoot, key);
  if (setting === null || isOn(setting.value)) {
    return {
      subject: dotted(key),
      reason: 'enabled',
      message: `${title} forwarding is on; ${whoSet(files, key, value)}.`,
      evidence: { key, value },
    };
  }
  return {
    subject: dotted(key),
    reason: 'reverts',
    message: `${title} forwarding is on now, but ${place(setting)} turns it off: at the next boot, and whenever \`sysctl --system\` runs.`,
    why: 'Pods lose their network then, until something turns it on again.',
    expected: 'no file that turns it off',
    actual: `${dotted(setting.key)} = ${setting.value}`,
    evidence: { key, value, file: setting.file, line: setting.line },
    remedy: {
      text: 'Let the files of this machine say what Kubernetes needs.',
      commands: commandsToSet({ [key]: '1' }, files),
    },
    kubeadm,
  };
}

function unread(key: string): Finding {
  return {
    subject: dotted(key),
    reason: 'unread',
    message: `/proc/sys/${key} could not be read: whether packets of pods are forwarded is not known.`,
  };
}

function noIpv6(kubeadm: string): Finding {
  return {
    subject: 'net.ipv6',
    reason: 'no-ipv6',
    message: 'The cluster uses IPv6, and the kernel of this machine has it switched off.',
    why: 'Pods of this node get no IPv6 address, and none of their IPv6 packets leave it.',
    expected: '/proc/sys/net/ipv6/conf/all/forwarding',
    actual: 'no such file',
    remedy: {
      text: 'Boot the kernel with IPv6: take ipv6.disable=1 from its command line (GRUB_CMDLINE_LINUX in /etc/default/grub), write the boot loader’s configuration anew, and reboot.',
    },
    kubeadm,
  };
}

/** A host that got its IPv6 route from a router would lose it: a forwarding interface ignores router advertisements unless told otherwise. */
function remedy(
  family: Family,
  key: string,
  { values }: Facts['sysctls'],
  files: Reading<Facts['sysctlFiles']>,
  uplinks: readonly string[],
) {
  const routers = family === 6 ? uplinks.map((name) => `net/ipv6/conf/${name}/accept_ra`) : [];
  const listening = routers.filter((each) => values[each] === '1');
  const wanted = Object.fromEntries([...listening.map((each) => [each, '2'] as const), [key, '1'] as const]);
  const text = 'Turn forwarding on, now and at each boot.';
  return {
    text:
      listening.length === 0
        ? text
        : `${text} accept_ra = 2 keeps the routes that this machine gets by router advertisements.`,
    commands: commandsToSet(wanted, files),
  };
}

/** Interfaces with a default route; none when the routes were not read. */
function uplinksOf(routes: Reading<Facts['routes']>, family: Family): string[] {
  const defaults = (valueOf(routes)?.routes ?? []).filter((route) => route.family === family && isDefaultRoute(route));
  return [...new Set(defaults.map((route) => route.interface))];
}

/** As kubeadm reads it: the first byte counts. */
function isOn(value: string): boolean {
  return value.startsWith('1');
}
