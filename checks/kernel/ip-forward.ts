import type { Draft } from '../../src/engine/check.ts';
import type { Facts } from '../../src/evidence/facts.ts';
import type { Reading } from '../../src/evidence/reading.ts';
import { isRead } from '../../src/judging/reading.ts';
import { clusterFamilies } from '../../src/judging/network/cluster-families.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { ipv6Disabled, ipv6SwitchedOff, noIpv6 } from '../../src/judging/kernel/no-ipv6.ts';
import { notShown } from '../../src/judging/not-shown.ts';
import { commandsToSet, place, settingOf, whoSet } from '../../src/judging/kernel/sysctl-settings.ts';
import { uplinksOf } from '../../src/judging/kernel/uplinks.ts';
import { dotted } from '../../src/kubernetes/sysctls.ts';
import type { Family } from '../../src/values/ip.ts';

const reasons = {
  enabled: 'pass',
  disabled: 'fail',
  'no-ipv6': 'fail',
  reverts: 'warn',
  'not-shown': 'skip',
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
    return clusterFamilies(plan, { interfaces, kubeletConfig }).flatMap((family): Finding[] => {
      const { title, key, directory, kubeadm } = FAMILIES[family];
      const uplinks = uplinksOf(routes, family);
      // IPv4 packets are forwarded by the setting of the interface that they come in by: those of pods get that of `default`.
      const ofInterfaces = family === 4 ? ['default', ...uplinks].map((name) => `${directory}/${name}/forwarding`) : [];
      const atBoot = [key, ...ofInterfaces].flatMap((each) => turnedOffAtBoot(each, sysctlFiles));
      if (sysctls.shown === false) {
        const [first] = atBoot;
        return [first === undefined ? notShown(dotted(key)) : reverts(family, null, first, ofInterfaces, sysctlFiles)];
      }
      const value = sysctls.values[key];
      if (value === undefined) {
        return sysctls.denied.includes(key) || family === 4 ? [unread(key)] : [noIpv6(kubeadm)];
      }
      const disabled = family === 6 ? ipv6SwitchedOff(sysctls, routes, interfaces) : [];
      if (disabled.length > 0) return [ipv6Disabled(kubeadm, FAMILIES[6].key, disabled, sysctlFiles)];
      const off = (subject: string, actual: string): Finding => ({
        subject: dotted(subject),
        reason: 'disabled',
        message: `${title} forwarding is off: ${dotted(subject)} is ${actual}; ${whoSet(sysctlFiles, subject, actual)}.`,
        why: WHY,
        expected: '1',
        actual,
        evidence: { key: subject, value: actual },
        // A write that changes nothing does not reach the interfaces: what is off is written itself.
        remedy: remedy(family, [subject, ...namedOff(ofInterfaces, sysctlFiles)], sysctls, sysctlFiles, uplinks),
        kubeadm,
      });
      if (!isOn(value)) return [off(key, value)];
      const judged = ofInterfaces.filter((each) => each !== `${directory}/default/forwarding`);
      // Nothing of IPv6 is forwarded by `default`, but kubeadm reads it, and nothing else.
      if (family === 6 && node.stage === 'fresh') judged.push(`${directory}/default/forwarding`);
      const failures = judged.flatMap((each) => {
        const actual = sysctls.values[each];
        return actual === undefined || isOn(actual) ? [] : [off(each, actual)];
      });
      if (failures.length > 0) return failures;
      const [first] = atBoot;
      if (first !== undefined) return [reverts(family, value, first, ofInterfaces, sysctlFiles)];
      return [
        {
          subject: dotted(key),
          reason: 'enabled',
          message: `${title} forwarding is on; ${whoSet(sysctlFiles, key, value)}.`,
          evidence: { key, value },
        },
      ];
    });
  },
});

interface TurnedOff {
  readonly key: string;
  readonly setting: NonNullable<ReturnType<typeof settingOf>>;
}

/** The line of a file that leaves a key off once all have been applied at boot. */
function turnedOffAtBoot(key: string, files: Reading<Facts['sysctlFiles']>): TurnedOff[] {
  const atBoot = isRead(files) ? files.value.assignments.filter((each) => each.atBoot) : [];
  const setting = settingOf(atBoot, key);
  return setting === null || isOn(setting.value) ? [] : [{ key, setting }];
}

/** Keys of interfaces that some file turns off: udev applies it again to an interface that appears later than the rest was set. */
function namedOff(keys: readonly string[], files: Reading<Facts['sysctlFiles']>): string[] {
  const assignments = isRead(files) ? files.value.assignments : [];
  return keys.filter((key) => assignments.some((each) => each.key === key && each.value !== null && !isOn(each.value)));
}

function reverts(
  family: Family,
  value: string | null,
  { key: off, setting }: TurnedOff,
  ofInterfaces: readonly string[],
  files: Reading<Facts['sysctlFiles']>,
): Finding {
  const { title, key, kubeadm } = FAMILIES[family];
  const wanted = [...new Set([key, off, ...namedOff(ofInterfaces, files)])];
  const what = off === key ? 'it' : dotted(off);
  return {
    subject: dotted(key),
    reason: 'reverts',
    message:
      value === null
        ? `${place(setting)} turns ${title} forwarding off at boot.`
        : `${title} forwarding is on now, but ${place(setting)} turns ${what} off: at the next boot, and whenever \`sysctl --system\` runs.`,
    why: 'Pods lose their network then, until something turns it on again.',
    expected: 'no file that turns it off',
    actual: `${dotted(setting.key)} = ${setting.value}`,
    evidence: { key: off, value, file: setting.file, line: setting.line },
    remedy: {
      text: 'Let the files of this machine say what Kubernetes needs.',
      commands: commandsToSet(Object.fromEntries(wanted.map((each) => [each, '1'])), files),
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

/** A host that got its IPv6 route from a router would lose it: a forwarding interface ignores router advertisements unless told otherwise. */
function remedy(
  family: Family,
  keys: readonly string[],
  { values }: Facts['sysctls'],
  files: Reading<Facts['sysctlFiles']>,
  uplinks: readonly string[],
) {
  const routers = family === 6 ? uplinks.map((name) => `net/ipv6/conf/${name}/accept_ra`) : [];
  const listening = routers.filter((each) => values[each] === '1');
  const wanted = Object.fromEntries([
    ...listening.map((each) => [each, '2'] as const),
    ...keys.map((key) => [key, '1'] as const),
  ]);
  const text = 'Turn forwarding on, now and at each boot.';
  return {
    text:
      listening.length === 0
        ? text
        : `${text} accept_ra = 2 keeps the routes that this machine gets by router advertisements.`,
    commands: commandsToSet(wanted, files),
  };
}

/** As kubeadm reads it: the first byte counts. */
function isOn(value: string): boolean {
  return value.startsWith('1');
}
