import { defineCheck } from '../../src/judging/define-check.ts';
import { addressesOf, choicesOf, leavesChoice } from '../../src/judging/network/met-addresses.ts';
import { missingAddresses, missingFamilies, WHY_ADDRESS } from '../../src/judging/network/missing-addresses.ts';
import { configuredAddresses, duplicate, sameChoice, sharedAmong } from '../../src/judging/network/shared-addresses.ts';
import { isAddressed, isOnNodeNetwork, type Interface } from '../../src/judging/network/node-network.ts';
import { notShown } from '../../src/judging/not-shown.ts';
import { isClusterInterface } from '../../src/kubernetes/cluster-interfaces.ts';
import { chooseNodeAddress, isChosenByProgram, isDefaultRoute } from '../../src/kubernetes/node-address.ts';
import { canonicalIp } from '../../src/values/ip.ts';

export default defineCheck({
  id: 'network/interfaces',
  title: 'an interface is connected and has an address',
  docs: 'https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/#check-network-adapters',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  reasons: {
    connected: 'pass',
    'own-address': 'pass',
    'same-choice': 'warn',
    'none-connected': 'fail',
    'no-address': 'fail',
    'address-not-here': 'fail',
    'duplicate-address': 'fail',
    'not-shown': 'skip',
  },
  needs: ['interfaces', 'routes'],
  wants: ['kubeletConfig'],
  judge({ interfaces, routes }, { node, plan }) {
    if (interfaces.shown === false) return [notShown('interfaces')];
    const all = interfaces.interfaces;
    const connected = all.filter(({ up, carrier, loopback, kind }) => up && carrier && !loopback && kind !== 'dummy');
    const names = connected.map(({ name }) => name);
    // A bridge of pods has a link for as long as there are pods; a second network that other nodes may be reached by is something else.
    const routed = new Set(routes.routes.filter(isDefaultRoute).map((route) => route.interface));
    const uplinks = all.filter(({ name }) => routed.has(name));
    const cut =
      connected.length > 0 &&
      uplinks.length > 0 &&
      uplinks.every(({ up, carrier }) => !(up && carrier)) &&
      !connected.some((each) => leadsOut(each, connected, plan.nodeIp));
    const seen = all
      .filter(({ loopback }) => !loopback)
      .map(({ name, up, carrier }) => `${name} (${!up ? 'down' : carrier ? 'up' : 'no link'})`);
    if (connected.length === 0 || cut) {
      return [
        {
          subject: 'interfaces',
          reason: 'none-connected',
          message: cut
            ? `No interface with a default route has a link: ${uplinks.map(({ name }) => name).join(', ')}.`
            : 'No network interface is switched on and has a link.',
          why: WHY_ADDRESS,
          expected: 'at least one interface that is up and has a link',
          actual: seen.length === 0 ? 'only the loopback interface' : seen.slice(0, 5).join(', '),
          evidence: { interfaces: seen },
          remedy: {
            text: 'Connect an interface (cable, virtual switch, driver), and configure it where this system configures its network, so that it comes up with the machine.',
            commands: ['ip link'],
          },
        },
      ];
    }
    // On a routed fabric the node's address sits on the loopback interface.
    const addressed = all.filter((each) => each.up && isAddressed(each));
    if (addressed.length === 0) {
      return [
        {
          subject: 'interfaces',
          reason: 'no-address',
          message: `${names.slice(0, 5).join(', ')} ${names.length === 1 ? 'is' : 'are'} connected, and no interface has an address that other machines could reach.`,
          why: WHY_ADDRESS,
          expected: 'an address that is neither loopback nor link-local',
          actual: 'none',
          evidence: { connected: names },
          remedy: {
            text: 'Give the uplink an address by DHCP or in the configuration of this system’s network.',
            commands: ['ip address'],
          },
        },
      ];
    }
    const isControlPlane = node.roles.some((role) => role === 'control-plane' || role === 'any');
    const faults = [...missingFamilies(all, plan), ...missingAddresses(all, plan, isControlPlane)];
    if (faults.length > 0) return faults;
    const chosen = chooseNodeAddress(interfaces, routes);
    const named = plan.nodeIp.find((address) => !isChosenByProgram(address));
    const says =
      named !== undefined
        ? `--node-ip names ${named}.`
        : chosen === null
          ? 'No address can be chosen without a default route: name one with --node-ip.'
          : `kubeadm and kubelet would choose ${chosen.address} on ${chosen.interface}.`;
    return [
      {
        subject: chosen?.interface ?? addressed[0]?.name ?? 'interfaces',
        reason: 'connected',
        message: `${connected.length === 1 ? 'One interface is' : `${connected.length} interfaces are`} connected. ${says}`,
        evidence: { connected: names.slice(0, 50), chosen },
      },
    ];
  },
  compare(all, { plan }) {
    const nodes = all.filter(({ facts }) => facts.interfaces.shown !== false);
    // What a node would only choose may be an address behind a NAT of its own.
    const addressed = nodes.filter(({ node }) => node.addresses.length > 0);
    const met = new Set(addressed.flatMap((each) => addressesOf(each, plan)));
    const shared = sharedAmong(nodes, (each) => [
      ...new Set([...addressesOf(each, plan), ...configuredAddresses(each).filter((address) => met.has(address))]),
    ]);
    const same = sharedAmong(nodes, (each) => (leavesChoice(each, plan) ? choicesOf(each, plan) : [])).filter(
      ({ value }) => shared.every((each) => each.value !== value),
    );
    const named = new Set([...shared, ...same].flatMap(({ nodes: names }) => names));
    const own = nodes
      .filter((each) => !named.has(each.node.name) && addressesOf(each, plan).length > 0)
      .map(({ node }) => node.name);
    return [
      ...shared.map(duplicate),
      ...same.map(sameChoice),
      ...(own.length === 0
        ? []
        : [
            {
              nodes: own,
              subject: 'addresses',
              reason: 'own-address' as const,
              message: 'No other node of the run has the address of one of these.',
            },
          ]),
    ];
  },
});

/** To other machines, as far as can be seen: a bridge by a port that is a wire, or by an address that the user named. */
function leadsOut(each: Interface, connected: readonly Interface[], named: readonly string[]): boolean {
  if (!isAddressed(each)) return false;
  const own = each.addresses.map(({ address }) => canonicalIp(address));
  if (named.some((address) => own.includes(canonicalIp(address)))) return true;
  return each.kind === 'bridge' ? isOnNodeNetwork(each, connected, null) : !isClusterInterface(each.name);
}
