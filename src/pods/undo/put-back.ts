import { setTimeout as sleep } from 'node:timers/promises';
import type { Remainder } from '../../evidence/pods.ts';
import { writeSysctl } from '../../system/host-changes.ts';
import type { System } from '../../system/system.ts';
import { applyUndos } from './apply-undos.ts';
import { writesRules } from '../../kubernetes/cni/traces.ts';
import { readHostState, type HostState } from '../host/host-state.ts';
import { FORWARDING } from '../host/host-sysctls.ts';
import { remainders, type Remainders } from '../remainders/remainders.ts';
import type { Found, Ours } from '../remainders/found.ts';

/** Each remainder of a host in one of these. */
export interface Settled {
  /** What plugins keep for all pods, and was put back. */
  readonly kept: readonly Remainder[];
  /** What should have gone with our pods, and was put back. */
  readonly leaked: readonly Remainder[];
  /** What could not be put back. */
  readonly left: readonly Remainder[];
  /** What plugins keep for all pods, and pods of others use by now: it is theirs, and stays. */
  readonly inUse: readonly Remainder[];
  /** What came meanwhile, and nothing says whose it is: it stays. */
  readonly unclear: readonly Remainder[];
}

/** While the kernel takes away what belonged to a namespace that has ended, and plugins that others run come to their end. */
const PAUSES_MS = [20, 50, 100, 200, 400];

/**
 * Puts a host back to what it was before our pods, as far as what changed is ours, and looks again. Pods and their namespaces are gone by then.
 * @param seen A look that was taken at just that time, where there is one. Throws a SystemError when the host cannot be looked at.
 */
export async function putBack(
  system: System,
  before: HostState,
  ours: Ours,
  seen: Remainders | null,
  signal: AbortSignal,
): Promise<Settled> {
  const done = new Map<string, Found>();
  const look = async () => remainders(before, await readHostState(system, ours, before, signal), ours);
  let last = seen ?? (await look());
  for (const pause of PAUSES_MS) {
    if (last.found.length === 0 && last.inUse.length === 0) break;
    // What was put back once and is there again was not put back.
    for (const found of last.found) done.set(keyOf(found.told), found);
    if (last.found.length > 0) await applyUndos(system, last.found, signal);
    else await sleep(pause);
    last = await look();
    if (last.found.some(({ told }) => done.has(keyOf(told)))) await sleep(pause);
  }
  const given = giveBack(last, done);
  const remaining = new Set([...last.found.map(({ told }) => told), ...last.inUse, ...given].map(keyOf));
  const putBackAs = (as: Found['as']) =>
    [...done].flatMap(([key, found]) => (found.as === as && !remaining.has(key) ? [found.told] : []));
  return {
    kept: putBackAs('kept'),
    leaked: putBackAs('leaked'),
    left: last.found.map(({ told }) => told),
    inUse: [...last.inUse, ...given],
    unclear: last.unclear,
  };
}

/** Somebody's pods came while forwarding was being switched off: they found it on, and count on it. */
function giveBack({ others }: Remainders, done: ReadonlyMap<string, Found>): Remainder[] {
  if (!others) return [];
  const switches = [...done.values()].flatMap(({ undo, told }) =>
    undo.do === 'write-sysctls' && FORWARDING.some(({ key }) => key === undo.values[0]?.[0]) ? [{ undo, told }] : [],
  );
  for (const { undo } of switches) writeSysctl(undo.values[0]?.[0] ?? '', '1');
  return switches.map(({ told }) => told);
}

function keyOf({ what, name }: Remainder): string {
  return `${what} ${name}`;
}

/** Programs that are needed to look at a host and to put it back, and are not there: `ip (iproute2)`. */
export async function whatIsMissing(system: System, network: Ours['network']): Promise<string[]> {
  const wanted = [
    { program: 'ip', package: 'iproute2', needed: true },
    { program: 'nft', package: 'nftables', needed: writesRules(network) },
  ];
  const found = await Promise.all(
    wanted
      .filter(({ needed }) => needed)
      .map(async (each) =>
        (await system.programs.find(each.program)) === null ? [`${each.program} (${each.package})`] : [],
      ),
  );
  return found.flat();
}
