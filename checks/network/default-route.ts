import { defineCheck } from '../../src/judging/define-check.ts';
import { notShown } from '../../src/judging/not-shown.ts';
import { isChosenByProgram, isDefaultRoute, routedAddress } from '../../src/kubernetes/node-address.ts';

const DOCS =
  'https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/create-cluster-kubeadm/#network-setup';

export default defineCheck({
  id: 'network/default-route',
  title: 'one default route tells the address of the node',
  docs: DOCS,
  kubeadm: [],
  stages: ['fresh', 'joined'],
  reasons: {
    present: 'pass',
    'address-named': 'pass',
    'not-shown': 'skip',
    'no-default-route': 'fail',
    'several-default-routes': 'warn',
  },
  needs: ['routes'],
  wants: ['interfaces', 'kubeletConfig'],
  judge({ routes: { routes, shown: isShown }, interfaces, kubeletConfig }, { plan }) {
    if (isShown === false) return [notShown('default route')];
    const defaults = routes.filter(isDefaultRoute);
    const flags = 'value' in kubeletConfig ? kubeletConfig.value.flags : {};
    const named = [...plan.nodeIp, flags['node-ip'], plan.advertiseAddress].find(
      (address) => address != null && !isChosenByProgram(address),
    );
    const shown = defaults.map(
      (route) =>
        `${route.gateway === null ? '' : `via ${route.gateway} `}on ${route.interface}, metric ${route.metric}`,
    );
    const evidence = { defaultRoutes: defaults };
    if (defaults.length === 0) {
      if (named != null) {
        return [
          {
            subject: 'default route',
            reason: 'address-named',
            message: `There is no default route; the address of the node is named: ${named}. Whether this machine has it network/interfaces tells.`,
            evidence,
          },
        ];
      }
      return [
        {
          subject: 'default route',
          reason: 'no-default-route',
          message: 'There is no default route.',
          why: 'kubeadm and kubelet take the address of the node from the interface of the default route, and packets to Service addresses leave by it.',
          expected: 'a default route',
          actual: 'none',
          evidence,
          remedy: {
            text: 'Set the gateway where this system configures its network, so that it comes back after a reboot; or name the address with --node-ip, here and in kubelet’s arguments, and route the Service CIDR.',
          },
        },
      ];
    }
    // The address is taken from IPv4 where there is a default route of IPv4; more than one of IPv6 (two routers, RA) is usual.
    const family = defaults.some((route) => route.family === 4) ? 4 : 6;
    const ofFamily = defaults.filter((route) => route.family === family);
    const best = Math.min(...ofFamily.map(({ metric }) => metric));
    const equal = ofFamily.filter(({ metric }) => metric === best);
    const all = 'value' in interfaces ? interfaces.value.interfaces : null;
    // Several links of one fabric share the address of the loopback interface: whichever route is first gives the same.
    const choices = new Set(
      equal
        .map((route) => (all === null ? route.interface : routedAddress(route, all)))
        .filter((each) => each !== null),
    );
    if (choices.size < 2 || named != null) {
      return [
        {
          subject: 'default route',
          reason: 'present',
          message: `The default route goes ${shown[0] ?? ''}${shown.length > 1 ? `; ${shown.length - 1} more have their own metric, family or address` : ''}.`,
          evidence,
        },
      ];
    }
    return [
      {
        subject: 'default route',
        reason: 'several-default-routes',
        message: `${equal.length} default routes have the same metric: ${equal.map((route) => route.interface).join(', ')}.`,
        why: 'The address of the node is taken from whichever comes first, and the order can change at the next boot.',
        expected: 'one best default route, or --node-ip',
        actual: shown.join('; '),
        evidence,
        remedy: {
          text: 'Give the uplink of the cluster the lowest metric where this system configures its network, or name the address: --node-ip here, and in kubelet’s arguments (kubeletExtraArgs of kubeadm’s configuration).',
          commands: ['ip route show default'],
        },
      },
    ];
  },
});
