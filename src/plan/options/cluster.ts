import { addOns } from '../../kubernetes/add-ons.ts';
import { formatPortRange } from '../../values/port-range.ts';
import { ROLES } from '../settings.ts';
import { oneOf, podCidrs, serviceCidrs, toKubernetesVersion, toPortRange, unique } from '../value-parsers.ts';
import { last, list, option } from './define-option.ts';
import type { Option } from './option.ts';
import { CLUSTER, MACHINE, ONE_MACHINE } from './taken-by.ts';

const STAGES = ['fresh', 'joined'] as const;
const ADD_ONS = Object.keys(addOns);

/** What the machine is to be, and what is true of its whole cluster. */
export const CLUSTER_OPTIONS: readonly Option[] = [
  option({
    name: 'role',
    setting: 'role',
    hint: 'ROLE',
    repeatable: 'values',
    allowed: ROLES,
    help: 'what this node is to be; the union of all when nobody says and nothing on disk tells',
    commands: ONE_MACHINE,
    parse: (texts) => ({ role: unique(texts.map(oneOf(ROLES))) }),
    write: ({ role }) => list(role),
  }),
  option({
    name: 'stage',
    setting: 'stage',
    hint: 'STAGE',
    allowed: STAGES,
    help: 'before init or join (fresh), or after (joined); seen on disk unless said',
    commands: MACHINE,
    parse: (texts) => ({ stage: oneOf(STAGES)(last(texts)) }),
    write: ({ stage }) => stage,
  }),
  option({
    name: 'kubernetes-version',
    setting: 'kubernetesVersion',
    hint: 'VERSION',
    help: 'the version of Kubernetes to judge for',
    commands: [...CLUSTER, 'listen'],
    parse: (texts) => ({ kubernetesVersion: toKubernetesVersion(last(texts)) }),
    write: ({ kubernetesVersion }) => kubernetesVersion,
  }),
  option({
    name: 'cni',
    setting: 'cni',
    hint: 'NAME',
    allowed: ADD_ONS,
    help: 'the network add-on, with its mode',
    commands: [...CLUSTER, 'listen'],
    parse: (texts) => ({ cni: oneOf(ADD_ONS)(last(texts)) }),
    write: ({ cni }) => cni,
  }),
  option({
    name: 'pod-cidr',
    setting: 'podCidr',
    hint: 'CIDR',
    repeatable: 'values',
    help: 'network of the pods; two for dual stack',
    commands: CLUSTER,
    parse: (texts) => ({ podCidr: podCidrs(texts) }),
    write: ({ podCidr }) => list(podCidr),
  }),
  option({
    name: 'service-cidr',
    setting: 'serviceCidr',
    hint: 'CIDR',
    repeatable: 'values',
    help: 'network of the Services; two for dual stack',
    commands: CLUSTER,
    parse: (texts) => ({ serviceCidr: serviceCidrs(texts) }),
    write: ({ serviceCidr }) => list(serviceCidr),
  }),
  option({
    name: 'node-port-range',
    setting: 'nodePortRange',
    hint: 'FIRST-LAST',
    help: 'ports of Services of type NodePort',
    commands: CLUSTER,
    parse: (texts) => ({ nodePortRange: toPortRange(last(texts)) }),
    write: ({ nodePortRange }) => formatPortRange(nodePortRange),
  }),
];
