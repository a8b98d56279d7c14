import type { Role } from '../plan/settings.ts';

export type Component =
  'kube-apiserver' | 'etcd' | 'kubelet' | 'kube-controller-manager' | 'kube-scheduler' | 'kube-proxy';

/** An endpoint that says without credentials whether the component is well. */
export interface HealthEndpoint {
  readonly scheme: 'http' | 'https';
  readonly path: string;
}

/** A port of a Kubernetes component under kubeadm's defaults. */
export interface ComponentPort {
  readonly component: Component;
  readonly protocol: 'tcp';
  readonly port: number;
  /** What is served there. */
  readonly purpose: string;
  /** What fails when the component cannot have it. */
  readonly why: string;
  /** Roles whose nodes run the component. */
  readonly roles: readonly Role[];
  /** First minor version that serves it; null for always. */
  readonly since: string | null;
  /** First minor version that no longer does; null for none yet. */
  readonly until: string | null;
  /** Where it listens: every address, loopback, the address that the node advertises. */
  readonly bind: readonly Bind[];
  /** Roles whose nodes connect to it from elsewhere; none for what only the node itself uses. */
  readonly from: readonly Role[];
  /** Minor versions whose kubeadm tests the port in its preflight: the first one, and the first one that does not. */
  readonly preflight: { readonly since: string | null; readonly until: string | null } | null;
  readonly health: HealthEndpoint | null;
}

export type Bind = 'all' | 'loopback' | 'node';

const ALL_ROLES = ['control-plane', 'worker', 'etcd'] as const;
const CLUSTER = ['control-plane', 'worker'] as const;
const CONTROL_PLANE = ['control-plane'] as const;
/** Control planes are members of a stacked etcd; with an external one only nodes of the role etcd are. */
const MEMBERS = ['control-plane', 'etcd'] as const;
const ALWAYS = { since: null, until: null } as const;

const NO_CONTROL_PLANE = 'Without it the control plane does not start.';

/**
 * https://kubernetes.io/docs/reference/networking/ports-and-protocols/ and, for what that page leaves out, the defaults in
 * kubernetes/kubernetes: cmd/kubeadm/app/constants, pkg/cluster/ports, pkg/kubelet/apis/config/v1beta1, pkg/proxy/apis/config/v1alpha1.
 */
export const COMPONENT_PORTS: readonly ComponentPort[] = [
  {
    component: 'kube-apiserver',
    protocol: 'tcp',
    port: 6443,
    purpose: 'Kubernetes API',
    why: NO_CONTROL_PLANE,
    roles: CONTROL_PLANE,
    ...ALWAYS,
    bind: ['all'],
    from: ALL_ROLES,
    preflight: ALWAYS,
    // Readable without credentials by the ClusterRole system:public-info-viewer, unless anonymous requests are off.
    health: { scheme: 'https', path: '/readyz' },
  },
  {
    component: 'etcd',
    protocol: 'tcp',
    port: 2379,
    purpose: 'etcd clients',
    why: NO_CONTROL_PLANE,
    roles: MEMBERS,
    ...ALWAYS,
    bind: ['loopback', 'node'],
    from: CONTROL_PLANE,
    preflight: ALWAYS,
    health: null,
  },
  {
    component: 'etcd',
    protocol: 'tcp',
    port: 2380,
    purpose: 'etcd members',
    why: NO_CONTROL_PLANE,
    roles: MEMBERS,
    ...ALWAYS,
    bind: ['node'],
    from: MEMBERS,
    preflight: ALWAYS,
    health: null,
  },
  {
    component: 'etcd',
    protocol: 'tcp',
    port: 2381,
    purpose: 'etcd metrics and health',
    why: 'Without it the kubelet takes etcd for dead and restarts it.',
    roles: MEMBERS,
    // kubeadm gives etcd --listen-metrics-urls from then on: kubernetes/kubeadm#1973
    since: '1.16',
    until: null,
    bind: ['loopback'],
    from: [],
    preflight: null,
    health: { scheme: 'http', path: '/health' },
  },
  {
    component: 'kubelet',
    protocol: 'tcp',
    port: 10_250,
    purpose: 'kubelet API',
    why: 'Without it kubectl exec, logs and metrics fail for every pod of this node.',
    roles: ALL_ROLES,
    ...ALWAYS,
    bind: ['all'],
    from: CONTROL_PLANE,
    preflight: ALWAYS,
    health: null,
  },
  {
    component: 'kubelet',
    protocol: 'tcp',
    port: 10_248,
    purpose: 'kubelet health',
    why: 'Without it kubeadm waits in vain for the kubelet to come up.',
    roles: ALL_ROLES,
    ...ALWAYS,
    bind: ['loopback'],
    from: [],
    preflight: null,
    health: { scheme: 'http', path: '/healthz' },
  },
  {
    component: 'kube-controller-manager',
    protocol: 'tcp',
    port: 10_257,
    purpose: 'kube-controller-manager health and metrics',
    why: NO_CONTROL_PLANE,
    roles: CONTROL_PLANE,
    since: '1.12',
    until: null,
    bind: ['loopback'],
    from: [],
    preflight: { since: '1.17', until: null },
    health: { scheme: 'https', path: '/healthz' },
  },
  {
    component: 'kube-scheduler',
    protocol: 'tcp',
    port: 10_259,
    purpose: 'kube-scheduler health and metrics',
    why: NO_CONTROL_PLANE,
    roles: CONTROL_PLANE,
    since: '1.13',
    until: null,
    bind: ['loopback'],
    from: [],
    preflight: { since: '1.17', until: null },
    health: { scheme: 'https', path: '/healthz' },
  },
  {
    component: 'kube-controller-manager',
    protocol: 'tcp',
    port: 10_252,
    purpose: 'kube-controller-manager without TLS',
    why: NO_CONTROL_PLANE,
    roles: CONTROL_PLANE,
    since: null,
    // The flags have no effect from then on: kubernetes/kubernetes#96216.
    until: '1.22',
    bind: ['all'],
    from: [],
    preflight: { since: null, until: '1.17' },
    health: null,
  },
  {
    component: 'kube-scheduler',
    protocol: 'tcp',
    port: 10_251,
    purpose: 'kube-scheduler without TLS',
    why: NO_CONTROL_PLANE,
    roles: CONTROL_PLANE,
    since: null,
    // kubernetes/kubernetes#96345
    until: '1.23',
    bind: ['all'],
    from: [],
    preflight: { since: null, until: '1.17' },
    health: null,
  },
  {
    component: 'kube-proxy',
    protocol: 'tcp',
    port: 10_249,
    purpose: 'kube-proxy metrics',
    why: 'Without it nobody can tell what kube-proxy does on this node.',
    roles: CLUSTER,
    ...ALWAYS,
    bind: ['loopback'],
    from: [],
    preflight: null,
    health: null,
  },
  {
    component: 'kube-proxy',
    protocol: 'tcp',
    port: 10_256,
    purpose: 'kube-proxy health',
    why: 'Without it load balancers take this node for dead.',
    roles: CLUSTER,
    ...ALWAYS,
    bind: ['all'],
    from: [],
    preflight: null,
    health: { scheme: 'http', path: '/healthz' },
  },
];

/** From this minor version on kubeadm tries the addresses that a component will listen on; before, always the wildcard: kubernetes/kubernetes#138250 */
export const PREFLIGHT_KNOWS_ADDRESSES_SINCE = '1.37';
