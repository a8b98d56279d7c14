import { expect, test } from 'vitest';
import { isNamespaceOfRuntime, podOfCgroup } from '../../../src/kubernetes/cni/pod-names.ts';

const UID = '0b3c7d9e-5f21-4c55-9a77-1d2e3f405162';
const UNDERSCORED = UID.replaceAll('-', '_');

test.each<[string, string, string | null]>([
  [
    'systemd',
    `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UNDERSCORED}.slice/cri-containerd-9f.scope\n`,
    UID,
  ],
  ['systemd, guaranteed', `0::/kubepods.slice/kubepods-pod${UNDERSCORED}.slice/crio-9f.scope\n`, UID],
  ['cgroupfs', `0::/kubepods/besteffort/pod${UID}/9f\n`, UID],
  ['cgroup v1', `12:cpuset:/\n4:memory:/kubepods/pod${UID}/9f\n`, UID],
  [
    'a static pod',
    '0::/kubepods/burstable/pod1cf0bd3c1a6d8f0b8ae6c4c2f4b5b9a4/9f\n',
    '1cf0bd3c1a6d8f0b8ae6c4c2f4b5b9a4',
  ],
  ['below a cgroup of its own', `0::/system.slice/kubelet/kubepods/pod${UID}/9f\n`, UID],
  ['cgroupfs, seen from a container in another pod', `0::/../../pod${UID}/9f\n`, UID],
  [
    'systemd, seen so',
    `0::/../../../kubepods-burstable.slice/kubepods-burstable-pod${UNDERSCORED}.slice/cri-containerd-9f.scope\n`,
    UID,
  ],
  ['a service, seen so', '0::/../../../../system.slice/containerd.service\n', null],
  ['a service', '0::/system.slice/containerd.service\n', null],
  ['a container of an engine', '0::/system.slice/docker-9f.scope\n', null],
  ['the parent of all pods', '0::/kubepods.slice\n', null],
  ['nothing', '', null],
])('the pod of a process: %s', (_, cgroup, uid) => {
  expect(podOfCgroup(cgroup)).toBe(uid);
});

test('namespaces that runtimes bind', () => {
  for (const name of [`cni-${UID}`, UID]) expect(isNamespaceOfRuntime(name)).toBe(true);
  for (const name of ['vpn', 'cni-', `x-${UID}`, `${UID}.old`]) expect(isNamespaceOfRuntime(name)).toBe(false);
});
