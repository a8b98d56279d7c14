import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import type { Host } from '../lab/lab.ts';

/** A host of the lab made ready for `kubeadm init` or `kubeadm join`, as its documentation asks for. */

/** Images that the test set-up made, by the files that it put them in. */
export const PAUSE = 'k8s.gcr.io/pause:3.2';

/** Sysctls of the machine, not of a namespace, that a kubelet sets. The host gets files in their place, so that the machine keeps its own. */
const OF_THE_MACHINE = [
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
];

/** Snapshots are copies: the host's /var/lib is an overlay, on which no further one can be laid. Not every root may lower the score of a process. */
const CONTAINERD = `version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE}"
  restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = "native"
[plugins."io.containerd.grpc.v1.cri".cni]
  conf_dir = "/etc/cni/net.d"
  bin_dir = "/opt/cni/bin"
`;

/**
 * Its daemons see no processes but those of the node, as on a machine: a container tells by the first one whether it has the network of its machine.
 * Mounts are shared, as systemd has them, and what pods say is not kept where other nodes look.
 */
const FIRST_PROCESS = `
mkdir -p /run/log
mount --bind /run/log /var/log
mount --make-rshared /
unshare --pid --fork --mount --propagation unchanged sh -ec '
  mount --make-private /proc
  mount -t proc proc /proc
  for file in ${OF_THE_MACHINE.join(' ')}; do
    mkdir -p "$(dirname /run/sysctl/$file)"
    cat "/proc/sys/$file" > "/run/sysctl/$file"
    mount --bind "/run/sysctl/$file" "/proc/sys/$file"
  done
  touch /run/first-process.ready
  exec sleep infinity' >/dev/null 2>&1 </dev/null &
until [ -e /run/first-process.ready ]; do sleep 0.1; done
cat /proc/$!/task/$!/children > /run/first-process.pid
`;

const PREPARE = `
sysctl -qw net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1
mkdir -p /opt/cni/bin
cp /usr/lib/cni/* /opt/cni/bin
rm -rf /etc/cni/net.d /var/lib/kubelet /var/lib/etcd
`;

/** Starts the container runtime, with all images, and the kubelet as soon as kubeadm has written what it starts with. */
export async function prepareNode(host: Host, address: string, gateway: string): Promise<void> {
  const id = Buffer.from(host.name).toString('hex').padStart(32, 'a');
  host.write('/etc/machine-id', `${id}\n`);
  host.write('/etc/hostname', `${host.name}\n`);
  host.write('/etc/hosts', `127.0.0.1 localhost\n${address} ${host.name}\n`);
  host.write('/etc/containerd/config.toml', CONTAINERD);
  // The machine has one tree of control groups for all nodes.
  host.write('/etc/default/kubelet', 'KUBELET_EXTRA_ARGS="--cgroups-per-qos=false --enforce-node-allocatable="\n');
  await host.sh(`${FIRST_PROCESS}${PREPARE}ip route add default via ${gateway}`);
  startOnNode(host, 'containerd', 'exec containerd');
  const images = inject('clusterImages');
  await until(() => host.sh('ctr version'));
  await host.sh(`for image in ${images}/*.tar; do ctr -n k8s.io images import --snapshotter native "$image"; done`);
  host.write('/etc/chrony.conf', 'bindcmdaddress 127.0.0.1\nlocal stratum 10\n');
  startOnNode(host, 'chrony', 'exec chronyd -x -d -u root -f /etc/chrony.conf');
  startKubelet(host);
}

export function startKubelet(host: Host): void {
  startOnNode(host, 'kubelet', `rm -f /run/no-kubelet\n${KUBELET}`);
}

/** It stays away; its pods run on. */
export async function stopKubelet(host: Host): Promise<void> {
  await host.sh('touch /run/no-kubelet\npkill -x --ns $$ --nslist net kubelet || true');
}

/** As the unit that comes with kubeadm's packages starts it, again whenever it ends. */
const KUBELET = `
kubelet_once() {
  until [ -e /var/lib/kubelet/kubeadm-flags.env ] && [ -e /var/lib/kubelet/config.yaml ]; do sleep 0.1; done
  . /var/lib/kubelet/kubeadm-flags.env
  . /etc/default/kubelet
  kubelet --bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf \\
    --config=/var/lib/kubelet/config.yaml $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
}
while [ ! -e /run/no-kubelet ]; do kubelet_once; sleep 1; done
`;

/** Of processes on the host that end with it; what they say goes to /run/NAME.log there. */
export function startDaemon(host: Host, name: string, script: string): void {
  startIn('sh', host, name, script);
}

/** The same on a node that is prepared, among its processes. */
export function startOnNode(host: Host, name: string, script: string): void {
  startIn('nsenter --target $(cat /run/first-process.pid) --mount --pid sh', host, name, script);
}

function startIn(shell: string, host: Host, name: string, script: string): void {
  const [command = '', ...entering] = host.entering;
  const path = `${inject('kubernetesPrograms')}:${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  spawn(command, [...entering, 'sh', '-c', `exec >/run/${name}.log 2>&1\nexec ${shell} -c "$0"`, script], {
    stdio: 'ignore',
    env: { PATH: path, HOME: '/root' },
  });
}

/** Ends what runs in pods, which have networks of their own, and with it their control groups. */
export async function endPods(host: Host): Promise<void> {
  await stopKubelet(host);
  await host.sh(`
    for task in $(ctr -n k8s.io tasks list -q); do ctr -n k8s.io tasks rm --force "$task" || true; done
    rmdir /sys/fs/cgroup/*/k8s.io 2>/dev/null || true`);
}

/** Tries until it does not fail; the last failure is that of the test. */
export async function until<T>(attempt: () => Promise<T>, seconds = 60): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw error;
      await sleep(250);
    }
  }
}
