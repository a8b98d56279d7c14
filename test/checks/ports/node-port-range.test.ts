import { test } from 'vitest';
import check from '../../../checks/ports/node-port-range.ts';
import type { Facts } from '../../../src/evidence/facts.ts';
import type { Reading } from '../../../src/evidence/reading.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import { hiddenOwners, listening, nothing, ownedBy, owner, unread } from './facts.ts';

const facts = (
  listeners: Facts['listeners'],
  socketOwners: Reading<Facts['socketOwners']> = ownedBy(),
  range = '32768\t60999',
  reserved = '',
) => ({
  listeners,
  socketOwners,
  sysctls: {
    value: {
      values: { 'net/ipv4/ip_local_port_range': range, 'net/ipv4/ip_local_reserved_ports': reserved },
      denied: [],
    },
  },
  sysctlFiles: unread,
});
const none = { subject: '30000-32767', reason: 'no-listener', status: 'pass' } as const;
const apart = { subject: 'net.ipv4.ip_local_port_range', reason: 'apart', status: 'pass' } as const;
const joined = { stage: 'joined' } as const;

testCheck(
  check,
  {
    judge: [
      { name: 'the default', facts: facts(listening('0.0.0.0:22', '[::]:32768', '[::]:29999')), expect: [none, apart] },
      {
        name: 'a directory without /proc',
        facts: { ...facts(nothing), sysctls: { value: { values: {}, denied: [], shown: false } } },
        expect: [
          { subject: '/proc/net', reason: 'not-shown', status: 'skip' },
          { subject: 'net.ipv4.ip_local_port_range', reason: 'not-shown' },
        ],
      },
      {
        name: 'a directory with /proc/sys alone',
        facts: facts(nothing),
        expect: [{ reason: 'not-shown' }, apart],
      },
      {
        name: 'sockets without kernel parameters',
        facts: { ...facts(listening()), sysctls: unread },
        expect: [none, { reason: 'unread', status: 'unknown' }],
      },
      {
        name: 'listeners of programs, neighbours together',
        facts: facts(
          listening('0.0.0.0:30500', '[::]:30500', '0.0.0.0:30501', 'udp 0.0.0.0:32767', '0.0.0.0:31000'),
          ownedBy(
            owner(1, 'game', { pid: 9 }),
            owner(2, 'game', { pid: 9 }),
            owner(3, 'game', { pid: 9 }),
            owner(4, 'voip', { unit: 'voip.service' }),
            owner(5, 'game', { pid: 9 }),
          ),
        ),
        expect: [
          { subject: 'tcp/30500-30501', reason: 'listener-in-range', status: 'warn' },
          { subject: 'tcp/31000', reason: 'listener-in-range' },
          { subject: 'udp/32767', reason: 'listener-in-range', actual: 'voip (pid 804, voip.service) on 0.0.0.0' },
          apart,
        ],
      },
      {
        name: 'listeners of this program for another run',
        facts: facts(
          listening('10.0.0.21:30080', '10.0.0.21:30081'),
          ownedBy(
            owner(1, 'node', { names: ['node', 'seaworthy'] }),
            owner(2, 'node', { names: ['node', 'seaworthy'] }),
          ),
        ),
        expect: [
          { ...none, message: 'Only seaworthy itself, for another run at the moment, listens inside 30000-32767.' },
          apart,
        ],
      },
      {
        name: 'kube-proxy and what replaces it',
        node: joined,
        facts: facts(listening('[::]:30080', '[::]:31000'), ownedBy(owner(1, 'kube-proxy'), owner(2, 'cilium-agent'))),
        expect: [none, apart],
      },
      {
        name: 'joined, and not root',
        node: joined,
        facts: facts(listening('[::]:30080'), hiddenOwners),
        expect: [{ subject: 'tcp/30080', reason: 'owner-not-visible', status: 'unknown' }, apart],
      },
      {
        name: 'fresh, and not root: there is no kube-proxy yet',
        facts: facts(listening('[::]:30080'), hiddenOwners),
        expect: [{ subject: 'tcp/30080', reason: 'listener-in-range', status: 'warn' }, apart],
      },
      {
        name: 'another NodePort range',
        plan: { nodePortRange: { first: 20_000, last: 22_767 } },
        facts: facts(listening('[::]:30080')),
        expect: [{ subject: '20000-22767', reason: 'no-listener' }, apart],
      },
      {
        name: 'an ephemeral range that begins too low',
        facts: facts(listening(), ownedBy(), '31000\t60999', '31000-31999,40000'),
        expect: [
          none,
          {
            subject: 'net.ipv4.ip_local_port_range',
            reason: 'ephemeral-overlap',
            status: 'warn',
            evidence: { range: '31000-60999', reserved: '31000-31999,40000', overlap: '32000-32767' },
            remedy: {
              text: 'Reserve the NodePort range; connections that have such a port now keep it until they end.',
              commands: [
                "printf '%s\\n' '' 'net.ipv4.ip_local_reserved_ports = 31000-32767,40000' >> /etc/sysctl.d/90-kubernetes.conf && sysctl -p /etc/sysctl.d/90-kubernetes.conf",
              ],
            },
          },
        ],
      },
      {
        name: 'a NodePort range that leaves no port for outgoing connections is not to be reserved',
        facts: facts(listening()),
        plan: { nodePortRange: { first: 1_024, last: 65_535 } },
        expect: [
          { reason: 'no-listener' },
          {
            subject: 'net.ipv4.ip_local_port_range',
            reason: 'ephemeral-overlap',
            status: 'warn',
            remedy: {
              text: 'Choose a narrower NodePort range (--service-node-port-range of kube-apiserver; 30000-32767 is its default): with this one reserved, no port would be left for outgoing connections.',
            },
          },
        ],
      },
      {
        name: 'a low range that is reserved, as Cilium and kubespray do',
        facts: facts(listening(), ownedBy(), '1024\t65535', '30000-32767'),
        expect: [none, apart],
      },
      {
        name: 'no range to be read, no sockets to be read',
        facts: { ...facts({ ...listening(), by: 'bind' }), sysctls: { value: { values: {}, denied: [] } } },
        expect: [
          { subject: '30000-32767', reason: 'unread', status: 'unknown' },
          { subject: 'net.ipv4.ip_local_port_range', reason: 'unread' },
        ],
      },
      {
        name: 'what is reserved may not be read',
        facts: {
          ...facts(listening()),
          sysctls: {
            value: {
              values: { 'net/ipv4/ip_local_port_range': '1024\t65535' },
              denied: ['net/ipv4/ip_local_reserved_ports'],
            },
          },
        },
        expect: [none, { reason: 'unread', status: 'unknown' }],
      },
    ],
  },
  test,
);
