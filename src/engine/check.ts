import type { ControlProblem, SshTrouble } from '../evidence/control-problems.ts';
import type { FactName, Facts } from '../evidence/facts.ts';
import type { PodsHow } from '../evidence/pods.ts';
import type { Probed, ProbeRequest } from '../evidence/probes.ts';
import type { Reading } from '../evidence/reading.ts';
import type { Role, Settings, Stage } from '../plan/settings.ts';
import type { ProbeEvidence } from '../report/schema.ts';
import type { Node } from './node.ts';
import type { Status } from '../values/status.ts';

/** The reason codes of a check, each with the one status it means. */
export type Reasons = Readonly<Record<string, Status>>;

/** What to do about a warn or fail. Commands are complete lines to paste as root; what they change survives a reboot. */
export interface Remedy {
  readonly text: string;
  readonly commands?: readonly string[];
}

interface DraftBase {
  /** What was judged: a port, an interface, a sysctl. With the check and the nodes it identifies the finding from run to run. */
  readonly subject: string;
  /** One sentence; what is the case. */
  readonly message: string;
  /** Why it matters, where that is not plain from the message: one sentence. */
  readonly why?: string;
  readonly expected?: string;
  readonly actual?: string;
  /** What the judgement rests on, for scripts. */
  readonly evidence?: Readonly<Record<string, unknown>>;
  /** kubeadm's name for exactly this finding, where the check answers to several; null where kubeadm never finds this. */
  readonly kubeadm?: string | null;
  /** Of a finding about packets: their two ends, and what each saw. */
  readonly probe?: ProbeEvidence;
  /** Only this role needs it: on a node whose role is not known a fail becomes a warn that names the role. */
  readonly onlyFor?: Role;
}

type DraftOf<R extends Reasons, K extends keyof R> = DraftBase & {
  readonly reason: K;
} & (R[K] extends 'warn' | 'fail'
    ? { readonly remedy: Remedy }
    : R[K] extends 'unknown'
      ? { readonly remedy?: Remedy }
      : { readonly remedy?: never });

/** A finding as a judge gives it; a warn or fail without a remedy does not compile. */
export type Draft<R extends Reasons> = { [K in keyof R & string]: DraftOf<R, K> }[keyof R & string];

/** A finding between nodes names them. */
export type PairDraft<R extends Reasons> = Draft<R> & { readonly nodes: readonly string[] };

export type FactsOf<N extends FactName, W extends FactName> = { readonly [K in N]: Facts[K] } & {
  readonly [K in W]: Reading<Facts[K]>;
};

export interface JudgeContext {
  readonly node: Node;
  readonly plan: Settings;
  /** Every node of the run that could be reached, this one included; judged alone it has none beside it. */
  readonly nodes?: readonly Node[];
  /** Peers take part: what passes between the nodes is seen by the checks that send packets. */
  readonly met?: boolean;
}

/** Settings without which a check has nothing to judge. */
export type Named = Extract<
  keyof Settings,
  'join' | 'controlPlaneEndpoint' | 'externalEtcd' | 'cni' | 'podCidr' | 'kubeconfig'
>;

/** What a check does to the node that goes beyond looking at it, and how somebody asks for that. */
export interface Intrusive {
  /** The beginning of a sentence: `It runs the network plugins of the node`. */
  readonly does: string;
  /** The kinds of `--pods` with which it is judged. */
  readonly pods: readonly PodsHow[];
  /** Or where `--only` names its full id. */
  readonly byId: boolean;
}

/** A pure judgement over the facts that it declares. */
export interface CheckDefinition<N extends FactName, W extends FactName, R extends Reasons> {
  /** Equals its path below checks/. */
  readonly id: string;
  readonly title: string;
  /** The official page. */
  readonly docs: string;
  /** Names of kubeadm's preflight that it answers to. A name ending in `*` stands for all that begin so. */
  readonly kubeadm: readonly string[];
  readonly stages: readonly Stage[];
  /** Only nodes of these roles have what is judged; all when absent. */
  readonly roles?: readonly Role[];
  /** Settings that must have been said: without one of them the check is a `skip`, `not-named`. */
  readonly requires?: readonly Named[];
  /** Only where somebody asked for it; otherwise it is a `skip`, `not-asked`. */
  readonly intrusive?: Intrusive;
  readonly reasons: R;
  /** Markdown, for `explain`: of checks that a plugin brings. Ours have a file beside them. */
  readonly page?: string;
  /** Unread → the engine writes `unknown`; the judge is not called. */
  readonly needs: readonly N[];
  /** Handed over as read or unread; the judge says what it can. */
  readonly wants: readonly W[];
  /** Findings about one node. */
  judge?(facts: FactsOf<N, W>, context: JudgeContext): readonly Draft<R>[];
  /**
   * The packets that it needs: who must reach whom. Machines are named by the names of their nodes. Asked for once the facts of `needs` and `wants` are
   * there, where two nodes or more take part (one, with `within`); a check that has it and gets no packets is a `skip`, `no-peers`.
   */
  probes?(nodes: readonly ComparedNode<N, W>[], context: { readonly plan: Settings }): readonly ProbeRequest[];
  /**
   * Its packets stay within a machine each, and it compares nothing: it is judged with one node too, and only nodes whose own checks are judged are
   * handed over.
   */
  readonly within?: boolean;
  /** It has packets for machines that take no part, too: it is judged with one node as well. */
  readonly alone?: boolean;
  /** Findings between nodes; only nodes whose needed facts were read are handed over, and exactly the packets that `probes` asked for. */
  compare?(nodes: readonly ComparedNode<N, W>[], context: CompareContext): readonly PairDraft<R>[];
}

export interface CompareContext {
  readonly plan: Settings;
  readonly probed: readonly Probed[];
  /** Whether the run has packets at all: the saved facts of runs that knew nothing of each other hold none, and there nothing is undecided. */
  readonly sent: boolean;
}

export interface ComparedNode<N extends FactName, W extends FactName> {
  readonly node: Node;
  /** Why its control channel could not be had, as a sentence: nothing is known of it but what was said. */
  readonly unreachable?: string | undefined;
  /** What was in the way of it. */
  readonly problem?: ControlProblem | undefined;
  /** How it was tried, where that was over ssh. */
  readonly ssh?: SshTrouble | undefined;
  readonly facts: FactsOf<N, W>;
}

/** A check as the engine sees it: its types have done their work. */
export interface Check extends Omit<CheckDefinition<FactName, FactName, Reasons>, 'judge' | 'probes' | 'compare'> {
  /** Judged whatever `--only` and `--skip` say: it stands for checks that nobody knows. */
  readonly unconditional?: boolean;
  judge?(facts: unknown, context: JudgeContext): readonly AnyDraft[];
  probes?(nodes: readonly AnyComparedNode[], context: { readonly plan: Settings }): readonly ProbeRequest[];
  compare?(nodes: readonly AnyComparedNode[], context: CompareContext): readonly AnyPairDraft[];
}

interface AnyComparedNode {
  readonly node: Node;
  readonly unreachable?: string | undefined;
  readonly problem?: ControlProblem | undefined;
  readonly ssh?: SshTrouble | undefined;
  readonly facts: unknown;
}

export interface AnyDraft extends DraftBase {
  readonly reason: string;
  readonly remedy?: Remedy;
}

interface AnyPairDraft extends AnyDraft {
  readonly nodes: readonly string[];
}
