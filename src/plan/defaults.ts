import { DEFAULT_KUBERNETES_VERSION } from '../kubernetes/versions.ts';
import type { Origin, Plan, Settings } from './settings.ts';

/** What holds when nobody said otherwise; figures are kubeadm's and kube-apiserver's own defaults. */
export const DEFAULTS: Settings = {
  role: [],
  stage: null,
  kubernetesVersion: DEFAULT_KUBERNETES_VERSION,
  cni: null,
  podCidr: [],
  serviceCidr: [],
  nodePortRange: { first: 30_000, last: 32_767 },
  cniConfDir: null,
  cniBinDir: null,
  criSocket: null,
  nodeIp: [],
  nodeName: null,
  controlPlaneEndpoint: null,
  apiServerPort: 6443,
  advertiseAddress: null,
  etcd: 'stacked',
  externalEtcd: null,
  etcdDataDir: '/var/lib/etcd',
  proxyMode: null,
  kubeletConfiguration: null,
  join: null,
  kubeconfig: null,
  peers: [],
  ssh: false,
  inventory: null,
  wait: 0,
  tokenFile: null,
  listen: null,
  stdio: false,
  listenFor: null,
  interval: 60_000,
  allowRemote: false,
  pods: null,
  only: [],
  skip: [],
  ignorePreflightErrors: [],
  waivers: [],
  output: [{ format: 'text', file: null }],
  failOn: 'unknown',
  timeout: 5_000,
  budget: 30_000,
  concurrency: 16,
  root: null,
  config: null,
  plugin: [],
  saveFacts: null,
  facts: [],
  redact: false,
  color: null,
  ascii: false,
  quiet: false,
  verbose: false,
};

function allDefault(): Record<keyof Settings, Origin> {
  const origins: Record<string, Origin> = Object.fromEntries(Object.keys(DEFAULTS).map((key) => [key, 'default']));
  if (!isComplete(origins)) throw new Error('DEFAULTS lacks a setting');
  return origins;
}

function isComplete(origins: Readonly<Record<string, Origin>>): origins is Record<keyof Settings, Origin> {
  return Object.keys(DEFAULTS).every((key) => key in origins);
}

export const DEFAULT_ORIGINS: Plan['origins'] = allDefault();
