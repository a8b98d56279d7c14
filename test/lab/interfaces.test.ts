import { expect } from 'vitest';
import { complaints, labTest } from './lab.ts';

const VIA = 'ip route add default via';

labTest('interfaces: one that is connected, none, and no address', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await host.sh(`${VIA} 10.77.0.254`);
  expect(await host.findings('network/interfaces')).toMatchObject([
    {
      subject: 'eth0',
      status: 'pass',
      reason: 'connected',
      evidence: { connected: ['eth0'], chosen: { address: '10.77.0.1', interface: 'eth0' } },
    },
  ]);
  await host.sh('ip address flush dev eth0 scope global');
  expect(await host.findings('network/interfaces')).toMatchObject([
    { subject: 'interfaces', status: 'fail', reason: 'no-address', evidence: { connected: ['eth0'] } },
  ]);
  await host.sh('ip link set dev eth0 down');
  expect(await host.findings('network/interfaces')).toMatchObject([
    { subject: 'interfaces', status: 'fail', reason: 'none-connected', evidence: { interfaces: ['eth0 (down)'] } },
  ]);
});

labTest('default route: none, one, two that are equal, two with an order', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await host.plug('eth1', '10.78.0.1/24');
  expect(await host.findings('network/default-route')).toMatchObject([
    { subject: 'default route', status: 'fail', reason: 'no-default-route' },
  ]);
  expect(complaints(await host.findings('network/default-route', '--node-ip', '10.77.0.1'))).toEqual([]);
  await host.sh(`${VIA} 10.77.0.254`);
  expect(complaints(await host.findings('network/default-route'))).toEqual([]);
  await host.sh('ip route append default via 10.78.0.254');
  expect(await host.findings('network/default-route')).toMatchObject([
    {
      status: 'warn',
      reason: 'several-default-routes',
      evidence: {
        defaultRoutes: [
          { gateway: '10.77.0.254', interface: 'eth0', metric: 0 },
          { gateway: '10.78.0.254', interface: 'eth1', metric: 0 },
        ],
      },
    },
  ]);
  expect(complaints(await host.findings('network/default-route', '--node-ip', '10.78.0.1'))).toEqual([]);
  await host.sh('ip route delete default via 10.78.0.254; ip route add default via 10.78.0.254 metric 100');
  expect(complaints(await host.findings('network/default-route'))).toEqual([]);
});

labTest('one hardware address on two interfaces that have nothing to do with each other', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await host.plug('eth1', '10.78.0.1/24');
  expect(complaints(await host.findings('network/mac-addresses'))).toEqual([]);
  await host.sh('for each in eth0 eth1; do ip link set dev $each address 02:77:00:00:00:01; done');
  expect(await host.findings('network/mac-addresses')).toMatchObject([
    {
      subject: '02:77:00:00:00:01',
      status: 'fail',
      reason: 'duplicate-mac',
      evidence: { interfaces: ['eth0', 'eth1'] },
    },
  ]);
});

labTest(
  'what shares a hardware address by design: a bridge and its port, a macvlan, pods of Calico',
  async ({ lab }) => {
    const host = await lab.host('w1');
    await host.plug('eth1', '10.78.0.1/24');
    await host.sh(`
    ip link add br0 address "$(cat /sys/class/net/eth0/address)" type bridge
    ip link set dev eth0 master br0
    ip link set dev br0 up
    ip address add 10.77.0.1/24 dev br0
    ip link add mac0 link eth1 type macvlan mode passthru
    ip link set dev mac0 up
    ip address add 10.78.0.2/24 dev mac0
    for each in cali1 cali2; do
      ip link add $each address ee:ee:ee:ee:ee:ee type veth peer name pod-$each
      ip link set dev $each up
      ip address add 169.254.1.1/32 dev $each
      ip -6 address add fd77::\${each#cali}/128 dev $each nodad
    done
    ${VIA} 10.77.0.254`);
    const [finding, ...others] = await host.findings('network/mac-addresses');
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ status: 'pass', reason: 'valid' });
    expect(await host.sh('cat /sys/class/net/mac0/address')).toBe(await host.sh('cat /sys/class/net/eth1/address'));
  },
);

labTest('an uplink too narrow for an overlay, and an overlay too wide for its uplink', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await host.sh(`${VIA} 10.77.0.254`);
  const flannel = ['network/mtu', '--cni', 'flannel'] as const;
  expect(complaints(await host.findings(...flannel))).toEqual([]);
  await host.sh('ip link set dev eth0 mtu 1300');
  expect(complaints(await host.findings('network/mtu'))).toEqual([]);
  expect(await host.findings(...flannel)).toMatchObject([
    { subject: 'eth0', status: 'warn', reason: 'too-small', expected: 'at least 1330', actual: '1300' },
  ]);
  await host.sh(`
    ip link set dev eth0 mtu 1500
    ip link add flannel.1 mtu 1500 type vxlan id 1 dstport 8472 local 10.77.0.1
    ip address add 10.244.1.0/32 dev flannel.1
    ip link set dev flannel.1 up`);
  expect(complaints(await host.findings(...flannel))).toMatchObject([
    {
      subject: 'flannel.1',
      reason: 'too-small',
      evidence: { uplink: 'eth0', tunnelMtu: 1500 },
      expected: 'at most 1450',
    },
  ]);
  await host.sh('ip link set dev flannel.1 mtu 1450');
  expect(complaints(await host.findings(...flannel))).toEqual([]);
});

labTest('an address that is named and not here', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await host.sh(`${VIA} 10.77.0.254`);
  expect(await host.findings('network/interfaces', '--node-ip', '10.77.1.1')).toMatchObject([
    { subject: '10.77.1.1', status: 'fail', reason: 'address-not-here' },
  ]);
  expect(await host.findings('network/mtu', '--node-ip', '10.77.1.1')).toMatchObject([{ reason: 'no-uplink' }]);
  await host.sh('sysctl -qw net.ipv6.conf.all.disable_ipv6=1');
  expect(await host.findings('network/interfaces', '--pod-cidr', 'fd00:10:244::/56')).toMatchObject([
    { subject: 'IPv6', status: 'fail', reason: 'no-address' },
  ]);
  expect(await host.findings('kernel/ip-forward', '--pod-cidr', 'fd00:10:244::/56')).toMatchObject([
    { status: 'fail', reason: 'no-ipv6', subject: 'net.ipv6' },
  ]);
});
