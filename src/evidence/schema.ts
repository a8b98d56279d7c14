import type { Settings } from '../plan/settings.ts';
import type { Probed } from './probes.ts';
import type { ControlProblem, SshTrouble } from './control-problems.ts';
import type { Reading } from './reading.ts';

export const EVIDENCE_SCHEMA = 'seaworthy.facts/v1';

/** The facts of every node of a run: all that a judgement may rest on. */
export interface Evidence {
  readonly schema: typeof EVIDENCE_SCHEMA;
  readonly tool: { readonly name: string; readonly version: string };
  /** ISO 8601, UTC. */
  readonly takenAt: string;
  readonly nodes: readonly NodeEvidence[];
  /** Of a run with peers: what was said where it was conducted, and so holds between all nodes. */
  readonly plan?: SavedPlan;
  /** What the API of a cluster told, which holds for all nodes of the run. */
  readonly cluster?: Readonly<Record<string, Reading<unknown>>>;
  /** Of a run with peers: the packets between its nodes, which are named by their places in `nodes`. */
  readonly probes?: readonly Probed[];
}

export interface NodeEvidence {
  readonly self: boolean;
  /** These are as in Machine, of a run with peers. */
  readonly key?: string;
  readonly peer?: boolean;
  readonly judged?: boolean;
  readonly reachedBy?: readonly string[];
  readonly unreachable?: string;
  readonly problem?: ControlProblem;
  readonly ssh?: SshTrouble;
  /** What the user had said there; saved facts are judged by it unless told otherwise. No secrets. */
  readonly plan: SavedPlan;
  readonly facts: Readonly<Record<string, Reading<unknown>>>;
}

/** The settings that describe a machine and its cluster, and not how to run. */
export type SavedPlan = Partial<Pick<Settings, (typeof SAVED_SETTINGS)[number]>> & {
  /** Only where kubeadm's documents alone told the role: it then yields to what the disk of a joined node tells. */
  readonly roleOrigin?: 'kubeadm configuration';
};

export const SAVED_SETTINGS = [
  'role',
  'stage',
  'kubernetesVersion',
  'cni',
  'podCidr',
  'serviceCidr',
  'nodePortRange',
  'cniConfDir',
  'cniBinDir',
  'criSocket',
  'nodeIp',
  'nodeName',
  'controlPlaneEndpoint',
  'apiServerPort',
  'advertiseAddress',
  'etcd',
  'externalEtcd',
  'etcdDataDir',
  'proxyMode',
  'kubeletConfiguration',
  'join',
  'kubeconfig',
  'pods',
] as const satisfies readonly (keyof Settings)[];
