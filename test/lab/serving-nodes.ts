import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChildProcess } from 'node:child_process';
import { makeAuthority, type Authority } from '../authority.ts';
import { TOKEN_FILE, type Host, type Lab } from './lab.ts';

/** A node as the stand-in for the API server tells of it. */
export interface ToldNode {
  readonly name: string;
  readonly ip: string;
  readonly controlPlane: boolean;
}

/** Where a kubelet puts what a pod may read. */
const ACCOUNT = '/run/secrets/kubernetes.io/serviceaccount';

/** What it puts there. */
export const accountFiles = ({ cert }: Authority) => ({ 'ca.crt': cert, token: 'the-token-of-the-service-account' });

/** Nodes of a cluster whose API tells of them, each running `serve` as the DaemonSet does. */
export interface ServingNodes {
  readonly hosts: ReadonlyMap<string, Host>;
  /** From now on the API tells of these nodes. */
  tell(nodes: readonly ToldNode[]): Promise<void>;
  serve(name: string, ...args: readonly string[]): void;
  stop(name: string): Promise<void>;
  /** `seaworthy_…` of a node, by name and labels as they are written. */
  metrics(name: string): Promise<ReadonlyMap<string, number>>;
  /** Until the metrics of a node are so. */
  until(name: string, wanted: (metrics: ReadonlyMap<string, number>) => boolean): Promise<ReadonlyMap<string, number>>;
  close(): Promise<void>;
}

/** Each node joined, with a kubelet, and the first control plane with the API server too. */
export async function servingNodes(lab: Lab, nodes: readonly ToldNode[]): Promise<ServingNodes> {
  const authority = makeAuthority('kubernetes');
  const [first] = nodes;
  if (first === undefined) throw new Error('a cluster has nodes');
  const hosts = new Map<string, Host>();
  for (const node of nodes) hosts.set(node.name, await joined(lab, node, authority));
  const hostOf = (name: string) => {
    const host = hosts.get(name);
    if (host === undefined) throw new Error(`there is no node ${name}`);
    return host;
  };
  const certificate = authority.issue('kube-apiserver', `IP:${first.ip}`);
  let api: ChildProcess | null = null;
  const running = new Map<string, Promise<unknown>>();

  const metrics = (name: string) => metricsOf(hostOf(name));
  const stop = async (name: string) => {
    await hostOf(name).sh('kill -TERM $(cat /run/serve.pid) 2>/dev/null || true');
    await running.get(name);
    running.delete(name);
  };
  const tell = async (told: readonly ToldNode[]) => {
    if (api !== null) {
      const ended = new Promise((done) => api?.once('exit', done));
      api.kill('SIGKILL');
      await ended;
    }
    api = await hostOf(first.name).listen('kube-apiserver', 6_443, { body: nodeList(told), tls: certificate });
  };
  await tell(nodes);
  return {
    hosts,
    tell,
    stop,
    metrics,
    serve: (name, ...args) => {
      const host = hostOf(name);
      const environment = [`KUBERNETES_SERVICE_HOST=${first.ip}`, 'KUBERNETES_SERVICE_PORT=6443'];
      const serving = host
        .via('env', ...environment, 'sh', '-c', '"$0" "$@" & echo $! > /run/serve.pid; wait $!')
        .cli('serve', '--kubeconfig', 'in-cluster', '--token-file', TOKEN_FILE, '--node-name', name, ...args);
      running.set(name, serving);
    },
    until: async (name, wanted) => {
      let seen: ReadonlyMap<string, number> = new Map();
      for (let tries = 0; tries < 300; tries++) {
        seen = await metrics(name);
        if (wanted(seen)) return seen;
        await sleep(200);
      }
      throw new Error(
        `it did not become so on ${name}: ${[...seen].map(([key, value]) => `${key} ${value}`).join('\n')}`,
      );
    },
    close: async () => {
      await Promise.all([...running.keys()].map(stop));
      rmSync(authority.directory, { recursive: true, force: true });
    },
  };
}

async function joined(lab: Lab, { name, ip, controlPlane }: ToldNode, authority: Authority): Promise<Host> {
  const host = await lab.host(name, `${ip}/24`);
  host.write('/etc/kubernetes/kubelet.conf', '');
  await host.listen('kubelet', 10_250, { address: '::' });
  if (controlPlane) host.write('/etc/kubernetes/manifests/kube-apiserver.yaml', '');
  for (const [file, text] of Object.entries(accountFiles(authority))) host.write(`${ACCOUNT}/${file}`, text, 0o600);
  return host;
}

/** As an API server would answer. */
export function nodeList(told: readonly ToldNode[]): string {
  return JSON.stringify({ kind: 'NodeList', apiVersion: 'v1', metadata: {}, items: told.map(objectOf) });
}

/** `seaworthy_…` of a host, by name and labels as they are written. */
export async function metricsOf(host: Host): Promise<ReadonlyMap<string, number>> {
  const text = await host.sh('curl -s http://127.0.0.1:10778/metrics || true');
  return new Map(
    [...text.matchAll(/^seaworthy_(\S+(?:\{[^}]*\})?) (\S+)$/gm)].map(([, key = '', value]) => [key, Number(value)]),
  );
}

function objectOf({ name, ip, controlPlane }: ToldNode) {
  const labels = controlPlane ? { 'node-role.kubernetes.io/control-plane': '' } : {};
  return {
    metadata: { name, labels },
    spec: {},
    status: { addresses: [{ type: 'InternalIP', address: ip }], conditions: [{ type: 'Ready', status: 'True' }] },
  };
}
