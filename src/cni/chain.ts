import type { PluginConfig } from '../kubernetes/cni/config-list.ts';
import { isAtLeast } from '../kubernetes/cni/version.ts';
import { SystemError } from '../system/system.ts';
import { faultOfAttachment, parameters, type Attachment, type Verb } from './attachment.ts';
import { cacheFile, forget, remember } from './cache.ts';
import { callPlugin } from './call-plugin.ts';
import { errorIn, failed, type Failed, type PluginFailure, type StepResult } from './plugin-failure.ts';
import { pluginInput } from './plugin-input.ts';
import type { Chain, Running } from './running.ts';
import { parseResult, resultAs, type AddResult, type RawResult } from './result.ts';

/** A failure carries the last good result, which DEL is to be given. */
export type AddOutcome =
  { readonly ok: true; readonly value: AddResult } | (Failed & { readonly result: AddResult | null });

/**
 * Each plugin in turn, until one fails. Nothing is undone: after any outcome `delChain` is due, for the whole chain. Throws a SystemError,
 * before anything runs, when the cache cannot be written.
 */
export async function addChain(chain: Chain, attachment: Attachment, running: Running): Promise<AddOutcome> {
  const { network } = chain;
  let result: AddResult | null = null;
  await keep(chain, attachment, result, running);
  for (const plugin of network.plugins) {
    const printed = await call({ verb: 'ADD', plugin, attachment, prevResult: result?.raw ?? null }, chain, running);
    const added = printed.ok ? resultOf(printed.value, plugin, network.version) : printed;
    if (!added.ok) return { ...added, result };
    result = added.value;
    // From now on the file only saves work after a crash; the caller holds the result itself.
    await keep(chain, attachment, result, running).catch(unlessSystemError);
  }
  if (result === null) throw new TypeError('a chain has a plugin at least');
  return { ok: true, value: result };
}

function resultOf(printed: string, { type }: PluginConfig, version: string): StepResult<AddResult> {
  // libcni would take an error for a result without anything in it; nobody can use that, and it says why.
  const error = errorIn(printed);
  if (error !== null && error.code !== null) return failed(type, 'said', error.message, error.code);
  const parsed = parseResult(printed, version);
  return 'problem' in parsed ? failed(type, 'junk', parsed.problem) : { ok: true, value: parsed.value };
}

/** Whether all is as ADD left it, until one plugin says no. Before version 0.4.0, or where the network forbids it, nothing is asked. */
export async function checkChain(
  chain: Chain,
  attachment: Attachment,
  result: AddResult,
  running: Running,
): Promise<StepResult<'checked' | 'not-supported'>> {
  const { version, disableCheck, plugins } = chain.network;
  if (disableCheck || !isAtLeast(version, '0.4.0')) return { ok: true, value: 'not-supported' };
  for (const plugin of plugins) {
    const answer = await call(
      { verb: 'CHECK', plugin, attachment, prevResult: resultAs(result, version) },
      chain,
      running,
    );
    if (!answer.ok) return answer;
  }
  return { ok: true, value: 'checked' };
}

/** Undoes in reverse order. libcni stops at the first failure; here the others still undo their part, and all failures are told. */
export async function delChain(
  chain: Chain,
  attachment: Attachment,
  result: AddResult | null,
  running: Running,
): Promise<readonly PluginFailure[]> {
  const { version, plugins } = chain.network;
  const prevResult = result === null || !isAtLeast(version, '0.4.0') ? null : resultAs(result, version);
  const failures: PluginFailure[] = [];
  for (const plugin of plugins.toReversed()) {
    const answer = await call({ verb: 'DEL', plugin, attachment, prevResult }, chain, running);
    if (!answer.ok) failures.push(answer.failure);
  }
  if (failures.length === 0 && running.cacheDir !== null)
    await forget(running.cacheDir, cacheFile(chain, attachment)).catch(unlessSystemError);
  return failures;
}

/** Whether the plugins could do an ADD now, until one says no: codes 50 and 51. Before version 1.1.0 nothing is asked. */
export async function statusChain(chain: Chain, running: Running): Promise<StepResult<'ready' | 'not-supported'>> {
  const { version, plugins } = chain.network;
  if (!isAtLeast(version, '1.1.0')) return { ok: true, value: 'not-supported' };
  for (const plugin of plugins) {
    const answer = await call({ verb: 'STATUS', plugin, attachment: null, prevResult: null }, chain, running);
    if (!answer.ok) return answer;
  }
  return { ok: true, value: 'ready' };
}

interface Call {
  readonly verb: Verb;
  readonly plugin: PluginConfig;
  readonly attachment: Attachment | null;
  readonly prevResult: RawResult | null;
}

async function call(
  { verb, plugin, attachment, prevResult }: Call,
  { network, binDirs }: Chain,
  running: Running,
): Promise<StepResult<string>> {
  const fault = attachment === null ? null : faultOfAttachment(attachment);
  if (fault !== null) throw new TypeError(fault);
  const stdin = pluginInput(network, plugin, attachment, prevResult);
  return callPlugin({ plugin, binDirs, stdin, env: parameters(verb, attachment, binDirs) }, running);
}

async function keep(chain: Chain, attachment: Attachment, result: AddResult | null, running: Running): Promise<void> {
  if (running.cacheDir !== null) await remember(running.cacheDir, { chain, attachment, result });
}

function unlessSystemError(error: unknown): void {
  if (!(error instanceof SystemError)) throw error;
}

export type { Attachment } from './attachment.ts';
export type { PluginFailure, StepResult } from './plugin-failure.ts';
