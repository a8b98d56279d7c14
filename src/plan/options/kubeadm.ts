import { oneOf, toAbsolutePath, toNodeIp, toPort } from '../value-parsers.ts';
import { last, option } from './define-option.ts';
import type { Option } from './option.ts';
import { MACHINE } from './taken-by.ts';

const PROXY_MODES = ['iptables', 'ipvs', 'nftables'] as const;

/** What kubeadm's own documents say, and a configuration may say in their place. */
export const KUBEADM_OPTIONS: readonly Option[] = [
  option({
    name: 'api-server-port',
    setting: 'apiServerPort',
    hint: 'PORT',
    help: 'port of the API server on this node',
    commands: MACHINE,
    sources: ['configuration'],
    parse: (texts) => ({ apiServerPort: toPort(last(texts)) }),
    write: ({ apiServerPort }) => apiServerPort,
  }),
  option({
    name: 'advertise-address',
    setting: 'advertiseAddress',
    hint: 'IP',
    help: 'address that the API server of this node gives to others',
    commands: MACHINE,
    sources: ['configuration'],
    parse: (texts) => ({ advertiseAddress: toNodeIp(last(texts)) }),
    write: ({ advertiseAddress }) => advertiseAddress,
  }),
  option({
    name: 'etcd-data-dir',
    setting: 'etcdDataDir',
    hint: 'DIR',
    help: 'data directory of a stacked etcd',
    commands: MACHINE,
    sources: ['configuration'],
    parse: (texts) => ({ etcdDataDir: toAbsolutePath(last(texts)) }),
    write: ({ etcdDataDir }) => etcdDataDir,
  }),
  option({
    name: 'proxy-mode',
    setting: 'proxyMode',
    hint: 'MODE',
    allowed: PROXY_MODES,
    help: 'mode of kube-proxy',
    commands: MACHINE,
    sources: ['configuration'],
    parse: (texts) => ({ proxyMode: oneOf(PROXY_MODES)(last(texts)) }),
    write: ({ proxyMode }) => proxyMode,
  }),
];
