import { expect } from 'vitest';
import { complaints, labTest } from './lab.ts';

labTest('no rules; and rules that somebody who is not root cannot see', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  expect(await host.findings('network/firewall')).toMatchObject([{ status: 'pass', reason: 'not-filtered' }]);
  const nobody = host.via('setpriv', '--reuid=65534', '--regid=65534', '--clear-groups');
  expect(await nobody.findings('network/firewall')).toMatchObject([{ status: 'unknown', reason: 'rules-unread' }]);
});

labTest('nftables: input that drops, forward that drops', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  host.write(
    '/etc/nftables.conf',
    `table inet filter {
       chain input { type filter hook input priority filter; policy drop; iif lo accept; tcp dport 22 accept; }
       chain forward { type filter hook forward priority filter; policy accept; ct state established accept; counter reject; }
       chain output { type filter hook output priority filter; policy accept; }
     }`,
  );
  await host.sh('nft -f /etc/nftables.conf');
  expect(await host.findings('network/firewall', '--role', 'worker', '--cni', 'flannel')).toMatchObject([
    {
      subject: 'input',
      status: 'warn',
      reason: 'active-untested',
      evidence: {
        chains: ['inet filter input'],
        ports: ['8472/udp', '10250/tcp', '30000-32767/tcp', '30000-32767/udp'],
      },
      remedy: { commands: ['nft list ruleset'] },
    },
    { subject: 'forward', status: 'warn', reason: 'forward-drop', evidence: { chains: ['inet filter forward'] } },
  ]);
});

labTest.for([
  ['iptables-nft', 'nft list ruleset'],
  ['iptables-legacy', 'iptables-save -t filter'],
] as const)('%s: a policy of DROP for what is forwarded', async ([iptables, command], { lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await host.sh(`${iptables} -P FORWARD DROP`);
  expect(await host.findings('network/firewall')).toMatchObject([
    {
      subject: 'forward',
      status: 'warn',
      reason: 'forward-drop',
      evidence: { chains: ['ip filter FORWARD'] },
      remedy: { commands: [command] },
    },
  ]);
  await host.sh(`${iptables} -N cali-FORWARD && ${iptables} -A FORWARD -j cali-FORWARD`);
  expect(complaints(await host.findings('network/firewall'))).toEqual([]);
});

labTest.for(['iptables-nft', 'iptables-legacy'])(
  'the chains of kube-proxy and kubelet are no firewall: %s',
  async (iptables, { lab }) => {
    const host = await lab.host('w1', '10.77.0.1/24');
    const rules = `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:KUBE-FIREWALL - [0:0]
:KUBE-FORWARD - [0:0]
:KUBE-EXTERNAL-SERVICES - [0:0]
-A INPUT -j KUBE-EXTERNAL-SERVICES
-A INPUT -j KUBE-FIREWALL
-A FORWARD -j KUBE-FORWARD
-A OUTPUT -j KUBE-FIREWALL
-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -j DROP
-A KUBE-EXTERNAL-SERVICES -p tcp -d 10.77.0.100/32 --dport 80 -j REJECT
-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
-A KUBE-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
`;
    host.write('/etc/rules', rules);
    await host.sh(`${iptables}-restore < /etc/rules`);
    await host.sh(`nft 'table ip kube-proxy {
    chain filter-input { type filter hook input priority -110; ct state new jump reject-chain; }
    chain reject-chain { reject; }
  }'`);
    expect(await host.findings('network/firewall')).toMatchObject([{ status: 'pass', reason: 'not-filtered' }]);
  },
);

labTest.for([
  [
    'a chain that forward always calls',
    'nft "table ip t { chain f { type filter hook forward priority 0; jump sub; }; chain sub { reject; }; }"',
    'forward',
    'forward-drop',
  ],
  [
    'a network that is not forwarded',
    'nft "table ip t { chain f { type filter hook forward priority 0; ip daddr 10.244.0.0/16 drop; }; }"',
    'forward',
    'active-untested',
  ],
  [
    'a policy ahead of routing',
    'nft "table ip t { chain p { type filter hook prerouting priority -300; policy drop; }; }"',
    'input',
    'active-untested',
  ],
  [
    'an interface',
    'nft "table netdev t { chain i { type filter hook ingress device eth0 priority 0; tcp dport 10250 drop; }; }"',
    'input',
    'active-untested',
  ],
  [
    'the way out',
    'nft "table ip t { chain o { type filter hook output priority 0; policy drop; }; }"',
    'output',
    'active-untested',
  ],
  ['raw', 'iptables-nft -t raw -A PREROUTING -p tcp --dport 10250 -j DROP', 'input', 'active-untested'],
  [
    'mangle, the older iptables',
    'iptables-legacy -t mangle -A PREROUTING -p tcp --dport 10250 -j DROP',
    'input',
    'active-untested',
  ],
  ['new connections', 'iptables-nft -A INPUT -m conntrack --ctstate NEW -j DROP', 'input', 'active-untested'],
  ['new connections, IPv6', 'ip6tables-nft -A INPUT -i eth0 -m state --state NEW -j DROP', 'input', 'active-untested'],
  ['a port on the way out', 'iptables-nft -A OUTPUT -p tcp --dport 6443 -j DROP', 'output', 'active-untested'],
] as const)('%s', async ([, command, subject, reason], { lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await host.sh(command);
  expect(await host.findings('network/firewall')).toMatchObject([{ subject, status: 'warn', reason }]);
});

labTest('invalid packets alone', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await host.sh(`iptables-nft -A INPUT -m conntrack --ctstate INVALID -j DROP
    iptables-nft -t raw -A PREROUTING -d 172.17.0.2/32 ! -i docker0 -j DROP
    nft "table inet t { chain f { type filter hook forward priority 0; ct state invalid drop; ct state established accept; }; }"`);
  expect(complaints(await host.findings('network/firewall'))).toEqual([]);
});
