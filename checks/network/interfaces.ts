import { defineCheck } from '../../src/judging/define-check.ts';
import { chooseNodeAddress, usableAddresses } from '../../src/kubernetes/node-address.ts';

const why = 'Kubelet registers an address of this machine, and the other nodes reach it there.';

export default defineCheck({
  id: 'network/interfaces',
  title: 'an interface is connected and has an address',
  docs: 'https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/#check-network-adapters',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  reasons: { connected: 'pass', 'none-connected': 'fail', 'no-address': 'fail' },
  needs: ['interfaces', 'routes'],
  wants: [],
  judge({ interfaces, routes }, { plan }) {
    const all = interfaces.interfaces;
    const connected = all.filter(({ up, carrier, loopback, kind }) => up && carrier && !loopback && kind !== 'dummy');
    const names = connected.map(({ name }) => name);
    const seen = all.filter(({ loopback }) => !loopback).map(({ name, up }) => `${name} (${up ? 'no link' : 'down'})`);
    if (connected.length === 0) {
      return [
        {
          subject: 'interfaces',
          reason: 'none-connected',
          message: 'No network interface is switched on and has a link.',
          why,
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
    const addressed = all.filter(
      (each) => each.up && usableAddresses(each, 4).length + usableAddresses(each, 6).length > 0,
    );
    if (addressed.length === 0) {
      return [
        {
          subject: 'interfaces',
          reason: 'no-address',
          message: `${names.slice(0, 5).join(', ')} ${names.length === 1 ? 'is' : 'are'} connected, and no interface has an address that other machines could reach.`,
          why,
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
    const chosen = chooseNodeAddress(interfaces, routes);
    const [named] = plan.nodeIp;
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
});
