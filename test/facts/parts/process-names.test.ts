import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { argumentName, serviceUnit } from '../../../src/facts/parts/process-names.ts';

test.each([
  ['/usr/bin/kubelet', 'kubelet'],
  ['kube-proxy', 'kube-proxy'],
  ['nginx: master process /usr/sbin/nginx', 'nginx'],
  ['-bash', 'bash'],
  ['/usr/sbin/sshd -D', 'sshd'],
  ['', ''],
])('argument %j', (argument, name) => expect(argumentName(argument)).toBe(name));

test.each([
  ['a service', '0::/system.slice/nginx.service\n', 'nginx.service'],
  ['an instance', '0::/system.slice/system-etcd.slice/etcd@main.service\n', 'etcd@main.service'],
  ['a delegated group of a service', '0::/system.slice/crio.service/init\n', 'crio.service'],
  ['cgroup v1', '4:memory:/system.slice/nginx.service\n1:name=systemd:/system.slice/nginx.service\n', 'nginx.service'],
  ['a session', '0::/user.slice/user-1000.slice/session-3.scope\n', null],
  ['a service of a user', '0::/user.slice/user-1000.slice/user@1000.service/app.slice/web.service\n', null],
  ['a pod', '0::/kubepods.slice/kubepods-burstable.slice/cri-containerd-0a.scope\n', null],
  ['a pod of k3s', '0::/system.slice/k3s.service/kubepods/besteffort/pod1/0a\n', null],
  ['a container of docker', '0::/system.slice/docker-0a.scope\n', null],
  ['a container, cgroup v1', '4:memory:/kubepods/pod1/0a\n0::/system.slice/containerd.service\n', null],
  ['no systemd', '0::/\n', null],
  ['nothing', '', null],
])('unit of %s', (_, cgroup, unit) => expect(serviceUnit(cgroup)).toBe(unit));

test('any text has a unit or none', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const unit = serviceUnit(text);
      expect(unit === null || unit.endsWith('.service')).toBe(true);
    }),
  );
});
