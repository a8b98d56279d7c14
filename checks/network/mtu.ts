import type { Facts } from '../../src/evidence/facts.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { notShown } from '../../src/judging/not-shown.ts';
import { pathMtuFindings, resultOf, type Measured } from '../../src/judging/reach/path-mtu-findings.ts';
import { pathMtuRequests } from '../../src/judging/reach/path-mtu-requests.ts';
import type { MtuNode } from '../../src/judging/reach/pod-packets.ts';
import { addOns } from '../../src/kubernetes/add-ons.ts';
import { TUNNEL_OVERHEAD } from '../../src/kubernetes/cluster-interfaces.ts';
import { chooseNodeAddress, isChosenByProgram } from '../../src/kubernetes/node-address.ts';

/** Every link that carries IPv6 must take packets of this size: RFC 8200, section 5. */
const IPV6_MINIMUM = 1280;

const remedy = {
  text: 'Set the MTU of the network add-on to that of the uplink less its overhead, or raise the uplink’s where this system configures its network and in what lies behind it.',
  commands: ['ip link'],
};

export default defineCheck({
  id: 'network/mtu',
  title: 'the MTU leaves room for the pod network',
  docs: 'https://docs.tigera.io/calico/latest/networking/configuring/mtu',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  reasons: {
    enough: 'pass',
    equal: 'pass',
    carried: 'pass',
    'no-uplink': 'skip',
    'not-shown': 'skip',
    'not-open': 'skip',
    'no-answer': 'unknown',
    'peer-unreachable': 'unknown',
    undecided: 'unknown',
    'too-small': 'warn',
    mismatch: 'warn',
    'black-hole': 'fail',
  },
  needs: ['interfaces', 'routes'],
  wants: ['cniFiles'],
  judge({ interfaces, routes }, { plan }) {
    if (interfaces.shown === false) return [notShown('uplink')];
    const uplink = uplinkOf(interfaces, routes, plan.nodeIp);
    if (uplink === null) return [noUplink];
    const addOn = plan.cni === null ? null : (addOns[plan.cni] ?? null);
    const overhead = addOn?.overhead[uplink.family] ?? 0;
    const pods = uplink.mtu - overhead;
    const tunnels = interfaces.interfaces.flatMap(({ name, up, mtu, addresses }) => {
      const bytes = TUNNEL_OVERHEAD[name];
      if (bytes === undefined || !up || addresses.length === 0 || mtu + bytes <= uplink.mtu) return [];
      return [{ name, mtu, most: uplink.mtu - bytes }];
    });
    const evidence = { uplink: uplink.name, mtu: uplink.mtu, overhead };
    const small =
      pods >= IPV6_MINIMUM
        ? []
        : [
            {
              subject: uplink.name,
              reason: 'too-small' as const,
              message:
                overhead === 0
                  ? `The MTU of ${uplink.name} is below what IPv6 needs.`
                  : `The MTU of ${uplink.name} leaves pods less than IPv6 needs, once ${addOn?.title ?? 'the add-on'} has taken ${overhead} bytes.`,
              why: 'The kernel switches IPv6 off on such a link, and larger packets are lost where nobody says so.',
              expected: `at least ${IPV6_MINIMUM + overhead}`,
              actual: String(uplink.mtu),
              evidence,
              remedy,
            },
          ];
    const wide = tunnels.map(({ name, mtu, most }) => ({
      subject: name,
      reason: 'too-small' as const,
      message: `${name} lets packets pass that ${uplink.name} cannot carry with its header.`,
      why: 'They go in fragments, or are lost: small requests work and large answers hang.',
      expected: `at most ${most}`,
      actual: String(mtu),
      evidence: { ...evidence, tunnel: name, tunnelMtu: mtu },
      remedy,
    }));
    if (small.length + wide.length > 0) return [...small, ...wide];
    return [
      {
        subject: uplink.name,
        reason: 'enough',
        message: `The MTU of ${uplink.name} is ${uplink.mtu}${overhead === 0 ? '' : `; ${addOn?.title ?? 'the add-on'} leaves pods ${pods}`}. That says nothing of the way to other nodes.`,
        evidence,
      },
    ];
  },
  probes(nodes, { plan }) {
    const shown = nodes.filter(({ facts }) => facts.interfaces.shown !== false);
    return pathMtuRequests(shown, plan);
  },
  compare(nodes, { plan, probed }) {
    const measured = probed.filter((each) => each.kind === 'path-mtu');
    return [...uplinks(nodes, measured), ...pathMtuFindings(nodes, measured, plan)];
  },
});

/** What the uplinks say, where packets did not say more. */
function uplinks(nodes: readonly MtuNode[], measured: readonly Measured[]) {
  const known = nodes.flatMap(({ node, facts }) => {
    const uplink = uplinkOf(facts.interfaces, facts.routes, node.addresses);
    return uplink === null ? [] : [{ node: node.name, interface: uplink.name, mtu: uplink.mtu }];
  });
  if (known.length < 2) return [];
  const names = known.map(({ node }) => node);
  const values = [...new Set(known.map(({ mtu }) => mtu))].sort((a, b) => a - b);
  const [only] = values;
  if (values.length === 1) {
    return [
      {
        nodes: names,
        subject: 'uplinks',
        reason: 'equal' as const,
        message: `The uplinks have one MTU: ${only ?? ''}.`,
      },
    ];
  }
  const pairs = new Set(
    measured.flatMap(({ request: { from, to }, reading }) =>
      resultOf(reading) === null ? [] : [JSON.stringify([from, to])],
    ),
  );
  const isMeasured = (from: string, to: string) => pairs.has(JSON.stringify([from, to]));
  const unsettled = known.some((a) =>
    known.some((b) => a.mtu !== b.mtu && !(isMeasured(a.node, b.node) && isMeasured(b.node, a.node))),
  );
  if (!unsettled) return [];
  return [
    {
      nodes: names,
      subject: 'uplinks',
      reason: 'mismatch' as const,
      message: `The uplinks have different MTUs: ${known.map(({ node, mtu }) => `${mtu} on ${node}`).join(', ')}.`,
      why: 'Between nodes on one link nobody tells the sender that a packet is too large: it is lost.',
      expected: 'one MTU on all nodes',
      actual: values.join(', '),
      evidence: { uplinks: known },
      remedy: {
        text: 'Set the same MTU on all uplinks of the cluster where each system configures its network.',
        commands: ['ip link'],
      },
    },
  ];
}

const noUplink = {
  subject: 'uplink',
  reason: 'no-uplink',
  message:
    'No interface has the address that the node would use: network/interfaces and network/default-route say why.',
} as const;

/** The interface that carries the address of the node: the one that was named, else the one that kubeadm would choose. */
function uplinkOf(
  interfaces: Facts['interfaces'],
  routes: Facts['routes'],
  named: readonly string[],
): { name: string; mtu: number; family: 4 | 6 } | null {
  const first = named.find((address) => !isChosenByProgram(address));
  if (first !== undefined) {
    const own = interfaces.interfaces.find(({ addresses }) => addresses.some(({ address }) => address === first));
    if (own === undefined) return null;
    if (!own.loopback) return { name: own.name, mtu: own.mtu, family: first.includes(':') ? 6 : 4 };
  }
  const chosen = chooseNodeAddress(interfaces, routes);
  const uplink = interfaces.interfaces.find(({ name }) => name === chosen?.interface);
  return chosen === null || uplink === undefined ? null : { name: uplink.name, mtu: uplink.mtu, family: chosen.family };
}
