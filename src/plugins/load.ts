import { pathToFileURL } from 'node:url';
import { writableByOthers } from '../system/trust.ts';
import type { Check } from '../engine/check.ts';
import { categoryOf } from '../engine/selection.ts';
import type { FactTable } from '../evidence/facts.ts';
import type { Fact } from '../facts/define-fact.ts';
import type { System } from '../system/system.ts';
import { formatDuration } from '../values/duration.ts';
import { printable } from '../values/printable.ts';
import { PlanError } from '../plan/errors.ts';
import { brokenPlugin } from './broken.ts';
import { locate, provideApi } from './locate.ts';
import { isRulesFile } from './is-rules-file.ts';
import { pluginShape, type LoadedPlugin } from './plugin-shape.ts';

/** What can be judged, and what can be read for it. */
interface Catalogue {
  readonly checks: readonly Check[];
  readonly facts: FactTable;
}

/** No file of rules is longer, in bytes. */
const RULES_LIMIT = 1024 * 1024;

interface Surroundings {
  readonly system: System;
  /** The directory that relative paths and package names start from. */
  readonly from: string;
  /** Milliseconds that one attempt may take, and a module: it may wait for something at its top level, and not forever. */
  readonly timeout: number;
}

/**
 * The catalogue with what the named plugins add; nothing is looked for that is not named. A plugin that cannot be had, or is none, becomes a check
 * whose result is unknown. Throws a PlanError for a mistake in a file of rules.
 */
export async function loadPlugins(
  specs: readonly string[],
  builtIn: Catalogue,
  surroundings: Surroundings,
): Promise<Catalogue> {
  const taken = new Set(builtIn.checks.map(({ id }) => categoryOf(id))).add('plugins');
  const checks: Check[] = [...builtIn.checks];
  let facts = builtIn.facts;
  for (const [index, spec] of specs.entries()) {
    try {
      const plugin = await load(spec, taken, surroundings);
      if (taken.has(plugin.name)) throw new Error(`the name ${plugin.name} is taken`);
      const merged = withFacts(facts, plugin);
      requireOwnIds(plugin);
      requireKnownFacts(plugin, merged);
      facts = merged;
      checks.push(...plugin.checks);
      taken.add(plugin.name);
    } catch (error) {
      // A mistake in a file of rules has a place in it, as one in a configuration has.
      if (error instanceof PlanError) throw error;
      checks.push(brokenPlugin(spec, sentence(error), index));
    }
  }
  return { checks, facts };
}

async function load(
  spec: string,
  taken: ReadonlySet<string>,
  { system, from, timeout }: Surroundings,
): Promise<LoadedPlugin> {
  const exported = isRulesFile(spec)
    ? await rules(spec, taken, { system, from, timeout })
    : await defaultExport(spec, { system, from, timeout });
  const parsed = pluginShape.safeParse(exported);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`${issue?.path.map(String).join('.') || 'its default export'}: ${issue?.message ?? 'wrong shape'}`);
}

async function defaultExport(spec: string, { system, from, timeout }: Surroundings): Promise<unknown> {
  provideApi();
  const file = await locate(spec, from, system);
  await requireTrusted(file, system);
  const url = pathToFileURL(await system.realPath(file)).href;
  const module: unknown = await within(timeout, import(/* @vite-ignore */ url));
  const exported = typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
  if (exported === undefined) throw new Error('it exports nothing by default');
  return exported;
}

async function rules(spec: string, taken: ReadonlySet<string>, { system, from, timeout }: Surroundings) {
  const file = await locate(spec, from, system);
  await requireTrusted(file, system);
  const text = await system.readText(file, RULES_LIMIT);
  const { rulesPlugin } = await import('./rules/rules-plugin.ts');
  return rulesPlugin(text, spec, taken, timeout);
}

/** What root runs only root may have written. */
async function requireTrusted(file: string, system: System): Promise<void> {
  if (!system.privileged) return;
  const place = await writableByOthers(system, file, 0);
  if (place === null) return;
  throw new Error(`others than root own ${place} or can write it, and as root no such file is loaded`);
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`it was not loaded within ${formatDuration(ms)}`)), ms);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Ours come last and win; a plugin's have its name before their own, so that none is hidden. */
function withFacts(facts: FactTable, { name, facts: added }: LoadedPlugin): FactTable {
  const named: Readonly<Record<string, Fact<unknown>>> = Object.fromEntries(
    Object.entries(added).map(([fact, definition]) => [`${name}/${fact}`, definition]),
  );
  return { ...named, ...facts };
}

function requireOwnIds({ name, checks }: LoadedPlugin): void {
  const seen = new Set<string>();
  for (const { id } of checks) {
    if (!/^[a-z0-9-]+\/[a-z][a-z0-9-]*$/.test(id) || categoryOf(id) !== name) {
      throw new Error(`the id ${id} is not ${name}/ and a word of small letters, digits and dashes`);
    }
    if (seen.has(id)) throw new Error(`the id ${id} is there twice`);
    seen.add(id);
  }
}

function requireKnownFacts({ checks }: LoadedPlugin, facts: FactTable): void {
  for (const { id, needs, wants } of checks) {
    const unknown = [...needs, ...wants].find((fact) => !Object.hasOwn(facts, fact));
    if (unknown !== undefined) throw new Error(`${id} needs the fact ${unknown}, which nobody reads`);
  }
}

function sentence(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : 'it threw something that is no error').split('\n');
  return printable(line.slice(0, 300).replace(/\.$/, ''));
}
