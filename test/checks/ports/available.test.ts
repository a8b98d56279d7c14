import { test } from 'vitest';
import check from '../../../checks/ports/available.ts';
import type { Facts } from '../../../src/evidence/facts.ts';
import type { Reading } from '../../../src/evidence/reading.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import type { Finding } from '../../../src/report/schema.ts';
import { hiddenOwners, listening, nothing, ownedBy, owner, unread } from './facts.ts';

const facts = (listeners: Facts['listeners'], socketOwners: Reading<Facts['socketOwners']> = ownedBy()) => ({
  listeners,
  socketOwners,
  interfaces: unread,
  routes: unread,
  sysctls: unread,
  sysctlFiles: unread,
});
const controlPlane = { roles: ['control-plane'] } as const;
const any = { roles: ['any'] } as const;

/** Every port of these is free but those that are given. */
const but = (ports: readonly string[], ...special: readonly Partial<Finding>[]) => {
  const rest = ports
    .filter((port) => !special.some(({ subject }) => subject === port))
    .map((subject) => ({ subject, reason: 'free', status: 'pass' as const }));
  const number = ({ subject }: Partial<Finding>) => Number(subject?.split('/')[1]);
  return [...rest, ...special].sort((a, b) => number(a) - number(b));
};
const tcp = (...ports: readonly number[]) => ports.map((port) => `tcp/${port}`);
const WORKER = tcp(10_248, 10_249, 10_250, 10_256);
const CONTROL_PLANE = tcp(2379, 2380, 2381, 6443, 10_248, 10_249, 10_250, 10_251, 10_252, 10_256, 10_257, 10_259);

const nginx = owner(1, 'nginx', { unit: 'nginx.service' });

testCheck(
  check,
  {
    judge: [
      {
        name: 'a directory without /proc/net',
        facts: facts(nothing),
        expect: [{ reason: 'not-shown', status: 'skip' }],
      },
      { name: 'a fresh worker', facts: facts(listening('0.0.0.0:22')), expect: but(WORKER) },
      { name: 'a fresh control plane', facts: facts(listening()), node: controlPlane, expect: but(CONTROL_PLANE) },
      { name: 'a fresh node of any role', facts: facts(listening()), node: any, expect: but(CONTROL_PLANE) },
      {
        name: 'a member of an external etcd runs no kube-proxy',
        facts: facts(listening()),
        node: { roles: ['etcd'] },
        plan: { etcd: 'external' },
        expect: but(tcp(2379, 2380, 2381, 10_248, 10_250)),
      },
      {
        name: 'a control plane with an external etcd',
        facts: facts(listening('0.0.0.0:2379')),
        node: controlPlane,
        plan: { etcd: 'external', apiServerPort: 8443 },
        expect: but(tcp(8443, 10_248, 10_249, 10_250, 10_251, 10_252, 10_256, 10_257, 10_259)),
      },
      {
        name: 'before 1.12 there were no secure ports, and the insecure ones had to be free',
        facts: facts(listening('0.0.0.0:10252'), ownedBy(nginx)),
        node: { ...controlPlane, kubernetesVersion: '1.11' },
        expect: but(tcp(2379, 2380, 6443, 10_248, 10_249, 10_250, 10_251, 10_252, 10_256), {
          subject: 'tcp/10252',
          reason: 'in-use',
          status: 'fail',
          kubeadm: 'Port-10252',
        }),
      },
      {
        name: '1.21: what kubeadm no longer tests is needed all the same',
        facts: facts(listening('0.0.0.0:10252', '0.0.0.0:10251'), ownedBy(nginx)),
        node: { ...controlPlane, kubernetesVersion: '1.21' },
        expect: but(
          CONTROL_PLANE,
          { subject: 'tcp/10252', reason: 'in-use' },
          { subject: 'tcp/10251', reason: 'in-use' },
        ),
      },
      {
        name: '1.22: a listener on 10252 is worth a word',
        facts: facts(listening('0.0.0.0:10252'), ownedBy(nginx)),
        node: { ...controlPlane, kubernetesVersion: '1.22' },
        expect: but(CONTROL_PLANE, {
          subject: 'tcp/10252',
          reason: 'legacy-in-use',
          status: 'warn',
          message:
            'On tcp/10252, which kube-controller-manager served before 1.22, listens nginx (pid 801, nginx.service).',
        }),
      },
      {
        name: 'a listener of this program for another run',
        facts: facts(
          listening('10.0.0.21:10250', '0.0.0.0:10256'),
          ownedBy(owner(1, 'node', { names: ['node', 'seaworthy'] }), owner(2, 'node', { names: ['node', 'server'] })),
        ),
        node: { addresses: ['10.0.0.21'] },
        expect: but(
          WORKER,
          {
            subject: 'tcp/10250',
            reason: 'free',
            status: 'pass',
            message:
              'Only seaworthy itself is there at the moment, for another run: nothing is in the way of kubelet (kubelet API).',
          },
          { subject: 'tcp/10256', reason: 'in-use' },
        ),
      },
      {
        name: 'a listener of this program beside one of another on the same port',
        facts: facts(
          listening('10.0.0.22:10250', '10.0.0.21:10250'),
          ownedBy(owner(1, 'node', { names: ['node', 'seaworthy'] }), owner(2, 'nginx')),
        ),
        node: { addresses: ['10.0.0.21'] },
        expect: but(WORKER, { subject: 'tcp/10250', reason: 'in-use', status: 'fail' }),
      },
      {
        name: 'a service holds the kubelet’s port',
        facts: facts(listening('0.0.0.0:10250'), ownedBy(nginx)),
        expect: but(WORKER, {
          subject: 'tcp/10250',
          reason: 'in-use',
          status: 'fail',
          kubeadm: 'Port-10250',
          actual: 'held by nginx (pid 801, nginx.service) on 0.0.0.0:10250',
          evidence: { address: '0.0.0.0', pid: 801, process: 'nginx', unit: 'nginx.service' },
          remedy: {
            text: 'Stop nginx.service for good, or move it to another port.',
            commands: ['systemctl disable --now nginx.service'],
          },
        }),
      },
      {
        name: 'the name of a unit is quoted',
        facts: facts(listening('[::1]:10250'), ownedBy(owner(1, 'x', { unit: '$(reboot).service' }))),
        expect: but(WORKER, {
          subject: 'tcp/10250',
          reason: 'in-use',
          remedy: {
            text: 'Stop $(reboot).service for good, or move it to another port.',
            commands: ["systemctl disable --now '$(reboot).service'"],
          },
        }),
      },
      {
        name: 'the kubelet itself, before the machine joined',
        facts: facts(listening('[::]:10250'), ownedBy(owner(1, 'kubelet', { unit: 'kubelet.service' }))),
        expect: but(WORKER, {
          subject: 'tcp/10250',
          reason: 'in-use',
          message:
            'kubelet itself already runs here and holds tcp/10250, on a machine that is taken for fresh; kubeadm refuses to go on.',
        }),
      },
      {
        name: 'kubeadm’s name in the ignore list',
        facts: facts(listening('[::]:10250', '127.0.0.1:10248'), ownedBy(owner(1, 'x'), owner(2, 'x'))),
        plan: { ignorePreflightErrors: ['port-10250'] },
        expect: but(
          WORKER,
          { subject: 'tcp/10250', status: 'warn', was: 'fail', because: 'ignore-preflight-errors' },
          { subject: 'tcp/10248', status: 'fail', reason: 'in-use' },
        ),
      },
      {
        name: 'not root: the owner is not seen, the port is taken all the same',
        facts: facts(listening('0.0.0.0:10250'), hiddenOwners),
        expect: but(WORKER, {
          subject: 'tcp/10250',
          reason: 'in-use',
          status: 'fail',
          actual: 'held by an owner that is not visible without root or from inside a container on 0.0.0.0:10250',
        }),
      },
      {
        name: 'owners that could not be read at all',
        facts: facts(listening('0.0.0.0:10250'), unread),
        expect: but(WORKER, { subject: 'tcp/10250', reason: 'in-use', status: 'fail' }),
      },
      {
        name: 'a role that nobody told: only a control plane has the API server',
        facts: facts(listening('0.0.0.0:6443', '0.0.0.0:10250'), ownedBy(nginx, owner(2, 'x'))),
        node: any,
        expect: but(
          CONTROL_PLANE,
          { subject: 'tcp/6443', status: 'warn', was: 'fail', because: 'role-any', reason: 'in-use' },
          { subject: 'tcp/10250', status: 'fail', reason: 'in-use' },
        ),
      },
      {
        name: 'another address is no conflict, and kubeadm before 1.37 refuses it all the same',
        facts: facts(listening('10.0.0.5:10257', '10.0.0.5:10248', '10.0.0.9:2380'), ownedBy(nginx)),
        node: { ...controlPlane, addresses: ['10.0.0.5'] },
        expect: but(
          CONTROL_PLANE,
          { subject: 'tcp/10257', reason: 'preflight-refuses', status: 'warn', kubeadm: 'Port-10257' },
          { subject: 'tcp/2380', reason: 'preflight-refuses' },
          {
            subject: 'tcp/10248',
            reason: 'free',
            status: 'pass',
            evidence: { elsewhere: { address: '10.0.0.5', pid: null, process: null, unit: null, kernel: true } },
          },
        ),
      },
      {
        name: 'from 1.37 on kubeadm looks at the address too',
        facts: facts(listening('10.0.0.5:10257'), ownedBy(nginx)),
        node: { ...controlPlane, kubernetesVersion: '1.37' },
        expect: but(CONTROL_PLANE),
      },
      {
        name: 'the address that kubeadm would advertise decides',
        facts: facts(listening('10.0.0.5:2379'), ownedBy(nginx)),
        node: controlPlane,
        plan: { advertiseAddress: '10.0.0.5' },
        expect: but(CONTROL_PLANE, { subject: 'tcp/2379', reason: 'in-use' }),
      },
      {
        name: 'no address is known',
        facts: facts(listening('10.0.0.5:2379'), ownedBy(nginx)),
        node: controlPlane,
        expect: but(CONTROL_PLANE, { subject: 'tcp/2379', reason: 'address-unknown', status: 'unknown' }),
      },
      {
        name: 'overlay ports, when the add-on is named: a device of the kernel, and a process',
        facts: facts(listening('udp 0.0.0.0:8472')),
        plan: { cni: 'flannel' },
        expect: but([...WORKER, 'udp/8472'], { subject: 'udp/8472', reason: 'held-by-kernel', status: 'warn' }),
      },
      {
        name: 'a process on the overlay’s port, and one on that of a feature',
        facts: facts(listening('udp 0.0.0.0:8472', '0.0.0.0:4240'), ownedBy(nginx, owner(2, 'x'))),
        plan: { cni: 'cilium-vxlan' },
        expect: but(
          [...WORKER, ...tcp(4240, 4244, 9879), 'udp/8472'],
          { subject: 'udp/8472', reason: 'in-use', status: 'fail' },
          { subject: 'tcp/4240', reason: 'optional-in-use', status: 'warn' },
        ),
      },
      {
        name: 'TCP on the number of a UDP port is nothing',
        facts: facts(listening('0.0.0.0:8472', 'udp 0.0.0.0:10250')),
        plan: { cni: 'flannel' },
        expect: but([...WORKER, 'udp/8472']),
      },
      {
        name: 'where kube-proxy is always replaced its ports are not needed',
        facts: facts(listening('0.0.0.0:10256')),
        plan: { cni: 'ovn-kubernetes' },
        expect: but(['udp/6081', ...tcp(10_248, 10_250)]),
      },
      {
        name: 'a connection has the port: the kernel gives it away',
        facts: {
          ...facts({
            ...listening(),
            connections: [{ protocol: 'tcp', family: 4, address: '10.0.0.5', port: 10_250, inode: 0 }],
          }),
          sysctls: {
            value: {
              values: { 'net/ipv4/ip_local_port_range': '10000\t60999', 'net/ipv4/ip_local_reserved_ports': '20000' },
              denied: [],
            },
          },
        },
        expect: but(WORKER, {
          subject: 'tcp/10250',
          reason: 'held-by-connection',
          status: 'warn',
          evidence: { ephemeral: true },
          remedy: {
            text: 'Keep the ports of Kubernetes out of those that the kernel gives away, then wait for the connection to end.',
            commands: [
              "printf '%s\\n' '' 'net.ipv4.ip_local_reserved_ports = 10248-10252,10256-10257,10259,20000,30000-32767' >> /etc/sysctl.d/90-kubernetes.conf && sysctl -p /etc/sysctl.d/90-kubernetes.conf",
              "ss -Hanpt 'sport = :10250'",
            ],
          },
        }),
      },
      {
        name: 'a connection has the port: nobody knows why',
        facts: facts({
          ...listening(),
          connections: [{ protocol: 'tcp', family: 4, address: '10.0.0.5', port: 10_250, inode: 0 }],
        }),
        expect: but(WORKER, { subject: 'tcp/10250', reason: 'held-by-connection', evidence: { ephemeral: false } }),
      },
      {
        name: 'found by binding: denied is not in use, and not free',
        facts: facts({
          by: 'bind',
          sockets: [{ protocol: 'tcp', family: 6, address: '::', port: 10_250, inode: 0, uid: null }],
          connections: [],
          attempts: [
            { protocol: 'tcp', address: '::', port: 10_250, code: 'EADDRINUSE' },
            { protocol: 'tcp', address: '::', port: 10_256, code: 'EACCES' },
            { protocol: 'tcp', address: '127.0.0.1', port: 10_249, code: null },
          ],
        }),
        expect: but(
          WORKER,
          { subject: 'tcp/10250', reason: 'in-use', status: 'fail' },
          { subject: 'tcp/10256', reason: 'not-tried', status: 'unknown' },
          { subject: 'tcp/10248', reason: 'not-tried', status: 'unknown' },
        ),
      },
    ],
  },
  test,
);
