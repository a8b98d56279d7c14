import { formatJoin, parseJoin } from '../join.ts';
import { oneOf, toEndpoint, toText } from '../value-parsers.ts';
import { last, option } from './define-option.ts';
import type { Option } from './option.ts';
import { CLUSTER, MACHINE, READING } from './taken-by.ts';

const ETCD = ['stacked', 'external'] as const;

/** How the cluster is reached that is there, or is to be. */
export const JOINING_OPTIONS: readonly Option[] = [
  option({
    name: 'control-plane-endpoint',
    setting: 'controlPlaneEndpoint',
    hint: 'HOST:PORT',
    help: 'where nodes reach the API server; a load balancer where there is one',
    commands: CLUSTER,
    parse: (texts) => ({ controlPlaneEndpoint: toEndpoint(last(texts), 6443) }),
    write: ({ controlPlaneEndpoint }) => controlPlaneEndpoint,
  }),
  option({
    name: 'etcd',
    setting: 'etcd',
    hint: 'KIND',
    allowed: ETCD,
    help: 'whether control planes run etcd themselves',
    commands: CLUSTER,
    parse: (texts) => ({ etcd: oneOf(ETCD)(last(texts)) }),
    write: ({ etcd }) => etcd,
  }),
  option({
    name: 'join',
    setting: 'join',
    hint: 'COMMAND',
    help: 'the whole "kubeadm join …" line, in quotes; - reads it from standard input',
    commands: MACHINE,
    secret: true,
    parse: (texts) => ({ join: parseJoin(last(texts)).join }),
    implies: (texts) => parseJoin(last(texts)).implied,
    write: ({ join }) => (join === null ? null : formatJoin(join)),
  }),
  option({
    name: 'kubeconfig',
    setting: 'kubeconfig',
    hint: 'FILE',
    help: 'leads to a running cluster, whose nodes, pods and networks are read, or in-cluster for that of this pod; with a token its nodes are peers, of serve the next ten on a ring',
    commands: READING,
    parse: (texts) => ({ kubeconfig: toText(last(texts)) }),
    write: ({ kubeconfig }) => kubeconfig,
  }),
];
