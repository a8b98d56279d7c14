import { addChain, checkChain, delChain, statusChain, type PluginFailure } from '../../cni/chain.ts';
import type { Chain, Running } from '../../cni/running.ts';
import type { Attachment } from '../../cni/attachment.ts';
import type { Attached } from '../../cni/cache.ts';
import { validateChain } from '../../cni/validate-chain.ts';
import type { FailedCall, PodTold } from '../../evidence/pods.ts';
import { SystemError, type System } from '../../system/system.ts';
import { differences } from './claims.ts';
import type { PodNamespace } from './namespace.ts';
import { addressesOf, readPodNetwork } from './pod-network.ts';

/** As every runtime names it. */
const INTERFACE = 'eth0';

/** Never the name of a living pod: a plugin that asks for one is told of none. */
function attachmentOf(containerId: string, netns: string, ifname: string): Attachment {
  return { containerId, netns, ifname, args: { IgnoreUnknown: '1' }, capabilities: {} };
}

export interface AddedPod {
  /** Null where no plugin of the network was run; not complete where one failed. */
  readonly made: Attached | null;
  readonly told: PodTold;
  /** Whether there is a network to use. */
  readonly usable: boolean;
}

function untried(name: string): PodTold {
  return {
    name,
    interface: null,
    addresses: [],
    mtu: null,
    status: null,
    add: null,
    check: null,
    del: [],
    differences: [],
  };
}

/** The plugin that could do no ADD now; null where all could, or the network is older than the question. */
export async function askStatus(chain: Chain, running: Running): Promise<PluginFailure | null> {
  const answer = await statusChain(chain, running);
  return answer.ok ? null : answer.failure;
}

/** Brings up `lo` of a namespace, in which it begins and ends: nothing of it is to be undone. Null when all is well. */
export async function addLoopback(
  chain: Chain,
  name: string,
  netns: string,
  running: Running,
): Promise<PluginFailure | null> {
  const outcome = await addChain(chain, attachmentOf(name, netns, 'lo'), running);
  return outcome.ok ? null : outcome.failure;
}

/** @param failed The plugin that stood in the way, and when. */
export function refusedPod(
  name: string,
  failed: { readonly status?: PluginFailure; readonly add?: PluginFailure },
): AddedPod {
  const { status, add } = failed;
  const told = {
    ...untried(name),
    status: status === undefined ? null : toldOf(status),
    add: add === undefined ? null : toldOf(add),
  };
  return { made: null, told, usable: false };
}

/** ADD, until a plugin fails, and what the pod has then. Throws a SystemError when nothing was run. */
export async function addPod(
  chain: Chain,
  name: string,
  namespace: PodNamespace,
  system: System,
  running: Running,
): Promise<AddedPod> {
  const attachment = attachmentOf(name, await namespace.netns(), INTERFACE);
  const outcome = await addChain(chain, attachment, running);
  if (!outcome.ok) {
    const made = { chain, attachment, result: outcome.result };
    const failure = await inBetterWords(outcome.failure, chain, running);
    return { ...refusedPod(name, { add: failure }), made };
  }
  const made = { chain, attachment, result: outcome.value };
  const network = await readPodNetwork(system, namespace.process.pid).catch(nullIfGone);
  if (network === null) return { made, told: untried(name), usable: false };
  const told = {
    ...untried(name),
    interface: INTERFACE,
    addresses: addressesOf(network),
    mtu: network.interfaces.find((each) => each.name === INTERFACE)?.mtu ?? null,
    differences: differences(outcome.value.normal, INTERFACE, network),
  };
  return { made, told, usable: true };
}

/** Somebody ended the agent, and with it what shows its network. */
function nullIfGone(error: unknown): null {
  if (error instanceof SystemError) return null;
  throw error;
}

/** https://www.cni.dev/docs/spec/#error */
const INCOMPATIBLE_VERSION = 1;

/** Which program of the chain speaks another version, it says itself when it is asked. */
async function inBetterWords(failure: PluginFailure, chain: Chain, running: Running): Promise<PluginFailure> {
  if (failure.code !== INCOMPATIBLE_VERSION) return failure;
  const found = await validateChain(chain, running);
  return found.find(({ kind }) => kind === 'other-version') ?? failure;
}

/** Null where it was not come to. */
export async function checkPod({ made, usable }: AddedPod, running: Running): Promise<PodTold['check']> {
  if (made === null || made.result === null || !usable || running.signal.aborted) return null;
  const answer = await checkChain(made.chain, made.attachment, made.result, running);
  if (!answer.ok) return toldOf(answer.failure);
  return answer.value === 'checked' ? 'done' : 'not-supported';
}

/** DEL over the whole chain, however far ADD came. @param netns Empty when the namespace is gone. */
export async function delPod(made: Attached | null, netns: string, running: Running): Promise<FailedCall[]> {
  if (made === null) return [];
  const failures = await delChain(made.chain, { ...made.attachment, netns }, made.result, running);
  return failures.flatMap((failure) => toldOf(failure) ?? []);
}

/** A call that we ended ourselves is no failure of the plugin. */
function toldOf({ kind, ...rest }: PluginFailure): FailedCall | null {
  return kind === 'stopped' ? null : { kind, ...rest };
}
