import { clusterFamilies } from '../../src/judging/network/cluster-families.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { notShown } from '../../src/judging/not-shown.ts';
import { commandsToSet, whoSet } from '../../src/judging/kernel/sysctl-settings.ts';
import { addOns } from '../../src/kubernetes/add-ons.ts';
import { LOADS_BRIDGE_NETFILTER } from '../../src/kubernetes/kernel-features.ts';
import { dotted } from '../../src/kubernetes/sysctls.ts';
import { isFrom } from '../../src/kubernetes/versions.ts';

const LOAD = 'echo br_netfilter > /etc/modules-load.d/kubernetes.conf && modprobe br_netfilter';
const KEYS = {
  4: 'net/bridge/bridge-nf-call-iptables',
  6: 'net/bridge/bridge-nf-call-ip6tables',
} as const;
const kubeadmName = (key: string) => `FileContent--proc-sys-${key.replaceAll('/', '-')}`;

export default defineCheck({
  id: 'kernel/bridge-netfilter',
  title: 'bridged packets pass iptables, where that is needed',
  docs: 'https://github.com/flannel-io/flannel/blob/master/README.md',
  kubeadm: [kubeadmName(KEYS[4]), kubeadmName(KEYS[6])],
  stages: ['fresh', 'joined'],
  reasons: {
    enabled: 'pass',
    'set-by-add-on': 'pass',
    disabled: 'fail',
    missing: 'fail',
    'not-needed': 'skip',
    'not-shown': 'skip',
    unread: 'unknown',
  },
  needs: ['sysctls'],
  wants: ['sysctlFiles', 'interfaces', 'kubeletConfig'],
  judge({ sysctls, sysctlFiles, interfaces, kubeletConfig }, { node, plan }) {
    const addOn = plan.cni === null ? undefined : addOns[plan.cni];
    // kubeadm asked up to 1.29, whatever the add-on; it does so before a node joins.
    const byKubeadm = node.stage === 'fresh' && !isFrom(node.kubernetesVersion, '1.30');
    const byAddOn = addOn?.needsBridgeNetfilter === true;
    if (!byKubeadm && !byAddOn) {
      return [
        {
          subject: 'br_netfilter',
          reason: 'not-needed',
          message:
            addOn === undefined
              ? 'Kubernetes itself does not need it, and no network add-on was named that might (--cni).'
              : `Neither Kubernetes itself nor ${addOn.title} needs it.`,
        },
      ];
    }
    if (sysctls.shown === false) return [notShown('br_netfilter')];
    const asker = byAddOn ? addOn.title : `kubeadm ${node.kubernetesVersion}`;
    const setsItself = byAddOn && !byKubeadm && node.stage === 'fresh' && LOADS_BRIDGE_NETFILTER.includes(addOn.name);
    return clusterFamilies(plan, { interfaces, kubeletConfig }).map((family) => {
      const key = KEYS[family];
      const value = sysctls.values[key];
      const subject = dotted(key);
      const failure = {
        subject,
        why: 'Packets between pods of this node cross a bridge: unless they pass iptables, Services are unreachable from some of them.',
        expected: '1',
        kubeadm: kubeadmName(key),
      };
      if (sysctls.denied.includes(key))
        return { subject, reason: 'unread', message: `/proc/sys/${key} could not be read.` } as const;
      if (value?.startsWith('1') === true) {
        const message = `${subject} is 1: bridged packets pass iptables.`;
        return { subject, reason: 'enabled', message, evidence: { key, value } } as const;
      }
      if (setsItself) {
        const message = `${asker} loads br_netfilter and sets ${subject} when it starts.`;
        return { subject, reason: 'set-by-add-on', message, evidence: { key, value: value ?? null } } as const;
      }
      if (value === undefined) {
        return {
          ...failure,
          reason: 'missing',
          message: `br_netfilter is not in the kernel, and ${asker} needs it: there is no ${subject}.`,
          actual: 'no such key',
          evidence: { key },
          remedy: {
            text: 'Load br_netfilter, now and at each boot, and turn the setting on.',
            commands: [LOAD, ...commandsToSet({ [key]: '1' }, sysctlFiles)],
          },
        } as const;
      }
      return {
        ...failure,
        reason: 'disabled',
        message: `${subject} is ${value}, and ${asker} needs 1; ${whoSet(sysctlFiles, key, value)}.`,
        actual: value,
        evidence: { key, value },
        remedy: {
          text: 'Turn it on, and load br_netfilter at boot: without the module the setting cannot be applied.',
          commands: [LOAD, ...commandsToSet({ [key]: '1' }, sysctlFiles)],
        },
      } as const;
    });
  },
});
