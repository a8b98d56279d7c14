import type { Facts } from '../../evidence/facts.ts';
import { portOf, rolesOf, type PortHolder } from '../../kubernetes/needed-ports.ts';
import { COMPONENT_PORTS, type ComponentPort } from '../../kubernetes/ports.ts';
import type { Settings } from '../../plan/settings.ts';

/** What tells which component serves what on a node that has joined; null is what could not be read. */
export interface ServingFacts {
  readonly staticPods: Facts['staticPods'] | null;
  readonly kubeletConfig: Facts['kubeletConfig'] | null;
}

export interface ServedPort {
  readonly row: ComponentPort;
  readonly port: number;
  /** Whether the component must be there: told by its manifest or by the role; `perhaps` where neither can be known. */
  readonly expected: 'yes' | 'perhaps' | 'no';
}

/** The ports that should be served here; kube-proxy's too, whether or not one runs. A port that its component was told not to serve is null. */
export function servedPorts(
  holder: PortHolder,
  plan: Settings,
  facts: ServingFacts,
): (ServedPort | { row: ComponentPort; port: null })[] {
  // Legacy ports are off under kubeadm since 1.19, and nothing depends on them.
  return COMPONENT_PORTS.filter(({ until }) => until === null).flatMap((row) => {
    const expected = expectation(row, holder, plan, facts.staticPods);
    if (expected === null) return [];
    const port = configuredPort(row, plan, facts);
    return [port === null ? { row, port } : { row, port, expected }];
  });
}

/** Null for what has no place on a node of these roles. */
function expectation(
  row: ComponentPort,
  { roles }: PortHolder,
  plan: Settings,
  staticPods: ServingFacts['staticPods'],
): ServedPort['expected'] | null {
  const { component } = row;
  if (component === 'kubelet') return 'yes';
  if (component === 'kube-proxy') return roles.every((role) => role === 'etcd') ? null : 'yes';
  if (staticPods?.components.some(({ name }) => name === component) === true) return 'yes';
  if (!rolesOf(row, plan).some((role) => roles.includes(role))) return null;
  if (staticPods === null || staticPods.broken.length > 0) return 'perhaps';
  // Members of an external etcd are elsewhere; on a node of the role etcd they are the purpose.
  return component === 'etcd' && !roles.includes('etcd') ? 'no' : 'yes';
}

/** Where the component was told to listen; null when it was told not to. */
function configuredPort(row: ComponentPort, plan: Settings, facts: ServingFacts): number | null {
  const port = portOf(row, plan);
  if (row.component === 'kubelet') return kubeletPort(row, facts.kubeletConfig);
  const flags = facts.staticPods?.components.find(({ name }) => name === row.component)?.flags;
  if (flags === undefined) return port;
  if (row.component !== 'etcd') return offWhenZero(Number(flags['secure-port'] ?? port));
  const urls = ETCD_FLAGS[row.port];
  return urls === undefined ? port : portOfUrls(flags[urls]);
}

const ETCD_FLAGS: Readonly<Record<number, string>> = {
  2379: 'listen-client-urls',
  2380: 'listen-peer-urls',
  2381: 'listen-metrics-urls',
};

function kubeletPort({ port }: ComponentPort, config: Facts['kubeletConfig'] | null): number | null {
  const [flag, value] =
    port === 10_248 ? [config?.flags['healthz-port'], config?.healthzPort] : [config?.flags['port'], config?.port];
  return offWhenZero(Number(flag ?? value ?? port));
}

function offWhenZero(port: number): number | null {
  return Number.isInteger(port) && port > 0 ? port : null;
}

/** `https://127.0.0.1:2379,https://10.0.0.1:2379` → 2379 */
function portOfUrls(urls: string | undefined): number | null {
  return offWhenZero(Number(/:(\d+)\/?(?:,|$)/.exec(urls ?? '')?.[1] ?? 0));
}
