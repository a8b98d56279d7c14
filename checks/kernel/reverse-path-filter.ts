import { valueOf } from '../../src/judging/reading.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { notShown } from '../../src/judging/not-shown.ts';
import { commandsToSet, whoSet } from '../../src/judging/kernel/sysctl-settings.ts';
import { addOns } from '../../src/kubernetes/add-ons.ts';
import { isDefaultRoute } from '../../src/kubernetes/node-address.ts';

const ALL = 'net/ipv4/conf/all/rp_filter';
const keyOf = (name: string) => `net/ipv4/conf/${name}/rp_filter`;
const STRICT = 1;
/** Cilium's own interfaces: https://docs.cilium.io/en/stable/operations/system_requirements/ */
const CILIUM_INTERFACE = /^(?:lxc|cilium_)/;
const expectation = { expected: '0 (off) or 2 (loose)', actual: '1 (strict)' };
/** Interfaces of pods come and go: only patterns, which systemd-sysctl applies to new ones too, hold for them. */
const CILIUM_REMEDY = {
  text: 'Switch the filter off on these interfaces with a file that sorts last; Cilium writes one like it when its agent starts.',
  commands: [
    "printf '%s\\n' 'net.ipv4.conf.all.rp_filter = 0' 'net.ipv4.conf.lxc*.rp_filter = 0' 'net.ipv4.conf.cilium_*.rp_filter = 0' > /etc/sysctl.d/99-zzz-kubernetes.conf && systemctl restart systemd-sysctl",
  ],
};

export default defineCheck({
  id: 'kernel/reverse-path-filter',
  title: 'reverse path filtering drops no packet of the cluster',
  docs: 'https://docs.kernel.org/networking/ip-sysctl.html',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  reasons: { harmless: 'pass', strict: 'warn', 'not-shown': 'skip', unread: 'unknown' },
  needs: ['sysctls'],
  wants: ['sysctlFiles', 'routes'],
  judge({ sysctls: { values, denied, shown }, sysctlFiles, routes }, { plan }) {
    if (shown === false) return [notShown('net.ipv4.conf.*.rp_filter')];
    if (denied.includes(ALL))
      return [
        { subject: 'net.ipv4.conf.all.rp_filter', reason: 'unread', message: `/proc/sys/${ALL} could not be read.` },
      ];
    // ip-sysctl: the larger one of `all` and the interface holds.
    const effective = (name: string) => Math.max(Number(values[ALL] ?? 0), Number(values[keyOf(name)] ?? 0));
    const interfaces = Object.keys(values).flatMap((key) => /^net\/ipv4\/conf\/(.+)\/rp_filter$/.exec(key)?.[1] ?? []);
    const strict = new Set(interfaces.filter((name) => effective(name) === STRICT));

    const addOn = plan.cni === null ? undefined : addOns[plan.cni];
    const ofAddOn =
      addOn?.breaksWithStrictRpFilter === true ? [...strict].filter((name) => CILIUM_INTERFACE.test(name)) : [];
    const defaults = (valueOf(routes)?.routes ?? []).filter((route) => route.family === 4 && isDefaultRoute(route));
    const [first, ...others] = defaults.toSorted((a, b) => a.metric - b.metric).map((route) => route.interface);
    const asymmetric = [...new Set(others)].filter((name) => name !== first && strict.has(name));

    const findings = asymmetric.map((name) => {
      const key = keyOf(name);
      return {
        subject: name,
        reason: 'strict',
        message: `Reverse path filtering is strict on ${name}, and the preferred default route leaves by ${first ?? 'another interface'}; ${whoSet(sysctlFiles, values[key] === '1' ? key : ALL, '1')}.`,
        why: `Packets that arrive on ${name} from beyond its own network are dropped, unless a routing rule leads back through it.`,
        ...expectation,
        evidence: { interface: name, own: values[key] ?? null, all: values[ALL] ?? null },
        remedy: {
          text: 'Set the filter of this interface to loose: 2 prevails over 1 for all interfaces.',
          commands: commandsToSet({ [key]: '2' }, sysctlFiles),
        },
      } as const;
    });
    if (addOn !== undefined && ofAddOn.length > 0) {
      return [
        ...findings,
        {
          subject: addOn.name,
          reason: 'strict',
          message: `Reverse path filtering is strict on interfaces that ${addOn.title} owns: ${ofAddOn.slice(0, 5).join(', ')}${ofAddOn.length > 5 ? ` and ${ofAddOn.length - 5} more` : ''}.`,
          why: 'The way back to a pod need not lead through the interface that its packet came by; strict filtering drops such packets.',
          ...expectation,
          evidence: { interfaces: ofAddOn, all: values[ALL] ?? null },
          remedy: CILIUM_REMEDY,
        },
      ];
    }
    if (findings.length > 0) return findings;
    return [
      {
        subject: 'net.ipv4.conf.*.rp_filter',
        reason: 'harmless',
        message:
          strict.size === 0
            ? 'No interface filters strictly by the reverse path.'
            : 'Strict filtering by the reverse path harms nothing that is known of this node.',
        evidence: { all: values[ALL] ?? null, strict: [...strict] },
      },
    ];
  },
});
