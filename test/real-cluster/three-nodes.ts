import type { Host } from '../lab/lab.ts';
import type { ClusterLab } from './cluster-test.ts';
import { initControlPlane, POD_NETWORK, type ControlPlane } from './control-plane.ts';
import { PAUSE, startOnNode, until } from './node.ts';
import { inject } from 'vitest';

/** A node that has joined, and what it has of the pod network. */
export interface Node {
  readonly host: Host;
  readonly address: string;
  readonly podNetwork: string;
}

/** Three nodes, of which the first is the control plane and takes pods, too; kube-proxy on all; two pods on each that serve HTTP, and a Service. */
export interface ThreeNodes {
  readonly controlPlane: ControlPlane;
  readonly nodes: readonly [Node, Node, Node];
}

/** Of the Service of all pods. */
const NODE_PORT = 30_080;
/** Where a pod serves HTTP. */
const POD_PORT = 8080;

const NAMES = ['n1', 'n2', 'n3'] as const;
const addressOf = (index: number) => `10.77.0.${index + 1}`;

/** Over which runs are conducted, whatever happens to the network of the cluster. Each interface answers for its own address alone. */
async function addManagement(host: Host, index: number): Promise<void> {
  await host.plug('eth1', `10.78.0.${index + 1}/24`);
  await host.sh('sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2');
}

export async function makeThreeNodes(lab: ClusterLab): Promise<ThreeNodes> {
  const hosts = await Promise.all(NAMES.map((name, index) => lab.node(name, addressOf(index))));
  await Promise.all(hosts.map(addManagement));
  const [first, ...workers] = hosts;
  if (first === undefined) throw new Error('there are three');
  const controlPlane = await initControlPlane(first, { address: addressOf(0) });
  const line = (await controlPlane.kubeadm('token create --print-join-command 2>/dev/null')).trim();
  await Promise.all(workers.map((host) => join(host, line)));
  await controlPlane.kubectl('taint node n1 node-role.kubernetes.io/master-');
  const nodes = await Promise.all(
    hosts.map(async (host, index) => ({
      host,
      address: addressOf(index),
      podNetwork: await podNetworkOf(controlPlane, host.name),
    })),
  );
  await Promise.all(nodes.map((node) => connectPods(node, nodes)));
  await startProxies(controlPlane, hosts);
  await controlPlane.kubectl('wait node --all --for condition=Ready --timeout 120s');
  await controlPlane.apply(SERVICE + PODS.map(daemonSet).join(''));
  for (const name of PODS) await controlPlane.kubectl(`rollout status daemonset/${name} --timeout 120s`);
  const [a, b, c] = nodes;
  if (a === undefined || b === undefined || c === undefined) throw new Error('there are three');
  return { controlPlane, nodes: [a, b, c] };
}

/** Once every kubelet serves its port again, and the API has heard of it. */
export async function healthy({ controlPlane: { kubectl }, nodes }: ThreeNodes): Promise<void> {
  for (const { host } of nodes) await until(() => host.sh('ss -Htln sport = 10250 | grep -q .'));
  await kubectl('wait node --all --for condition=Ready --timeout 120s');
}

/** As an administrator does it, but for its preflight, which wants crictl. */
async function join(host: Host, line: string): Promise<void> {
  const programs = inject('kubernetesPrograms');
  await host.sh(`PATH=${programs}:$PATH ${line} --cri-socket /run/containerd/containerd.sock --skip-phases preflight`);
}

async function podNetworkOf({ kubectl }: ControlPlane, name: string): Promise<string> {
  return until(async () => {
    const network = (await kubectl(`get node ${name} -o jsonpath='{.spec.podCIDR}'`)).trim();
    if (network === '') throw new Error(`${name} has no pod network`);
    return network;
  });
}

/** What a network add-on with routes does: the configuration of this node's pods, and the way to those of the others. */
async function connectPods({ host, podNetwork, address }: Node, nodes: readonly Node[]): Promise<void> {
  const others = nodes.filter((node) => node.address !== address);
  await host.sh(others.map((node) => `ip route add ${node.podNetwork} via ${node.address}`).join('\n'));
  const bridge = {
    type: 'bridge',
    bridge: 'cni0',
    isGateway: true,
    hairpinMode: true,
    ipam: { type: 'host-local', ranges: [[{ subnet: podNetwork }]], routes: [{ dst: '0.0.0.0/0' }] },
  };
  const portmap = { type: 'portmap', capabilities: { portMappings: true } };
  host.write(
    '/etc/cni/net.d/10-pods.conflist',
    JSON.stringify({ cniVersion: '0.4.0', name: 'pods', plugins: [bridge, portmap] }),
  );
}

async function startProxies({ kubeadm }: ControlPlane, hosts: readonly Host[]): Promise<void> {
  const kubeconfig = await kubeadm(
    'alpha kubeconfig user --client-name system:kube-proxy --config /etc/kubeadm.yaml 2>/dev/null',
  );
  for (const host of hosts) {
    host.write('/etc/kubernetes/kube-proxy.conf', kubeconfig, 0o600);
    host.write('/etc/kube-proxy.yaml', PROXY);
    startOnNode(host, 'kube-proxy', 'exec kube-proxy --config /etc/kube-proxy.yaml');
  }
}

/** Limits of connection tracking are the machine's, which keeps its own. */
const PROXY = `apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: { kubeconfig: /etc/kubernetes/kube-proxy.conf }
clusterCIDR: ${POD_NETWORK}
mode: iptables
conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s }
`;

/** Two pods on every node. */
const PODS = ['web', 'shop'];

const daemonSet = (name: string) => `---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: http
        image: ${PAUSE}
        command: [/usr/bin/busybox, httpd, -f, -p, "${POD_PORT}", -h, /usr/bin]
        ports: [{ containerPort: ${POD_PORT} }]
`;

const SERVICE = `apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: NodePort
  selector: { app: web }
  ports: [{ port: 80, targetPort: ${POD_PORT}, nodePort: ${NODE_PORT} }]
`;
