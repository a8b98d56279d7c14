import type { Remainder } from '../../evidence/pods.ts';
import { isNamespaceOfRuntime } from '../../kubernetes/cni/pod-names.ts';
import { bridgesOf } from '../../kubernetes/cni/traces.ts';
import type { HostLink } from '../host/host-links.ts';
import type { HostState } from '../host/host-state.ts';
import type { Found, Ours } from './found.ts';
import { chainsOf } from '../host/own-names.ts';
import { foreignFiles, ownFiles, sharedFiles } from './remaining-files.ts';
import { bridgesFound, isBridge, isBridgeInUse, isOwn, linksFound, routesFound } from './remaining-links.ts';
import { remainingRules, rulesFound, type RuleOwner } from './remaining-rules.ts';
import { sysctlsFound } from './remaining-sysctls.ts';
import { unclearChanges } from './unclear-changes.ts';

export interface Remainders {
  readonly found: readonly Found[];
  /** What plugins keep for all pods, and pods of others came to use meanwhile. It is no longer ours. */
  readonly inUse: readonly Remainder[];
  /** Pods of others came, came to an end, or are being made. */
  readonly others: boolean;
  /** Nothing says whose these are: they are told, and stay. */
  readonly unclear: readonly Remainder[];
}

/** What of a host is otherwise than it was before; it is ours by a name that leads to our pods, or by being what the plugins keep. */
export function remainders(before: HostState, after: HostState, ours: Ours): Remainders {
  const owner = ownerOf(after, ours);
  const rules = remainingRules(before.tables, after.tables, owner);
  const fresh = after.links.filter(({ name }) => before.links.every((link) => link.name !== name));
  const others =
    rules.othersWrote ||
    fresh.some((link) => mayBeOfPods(link) && !isOwn(link, ours) && !isBridge(link, owner.bridges)) ||
    // One that was at work before may have switched on what was off then.
    [...before.plugins, ...after.plugins].some(({ containerId }) => !ours.containerIds.includes(containerId)) ||
    after.namespaces.some((name) => isNamespaceOfRuntime(name) && !before.namespaces.includes(name)) ||
    foreignFiles(before, after, ours).length > 0;
  const kept = [
    ...bridgesFound(before, after, fresh, ours, owner.bridges),
    ...rules.kept.flatMap((undo) => rulesFound(undo, 'kept')),
    ...sysctlsFound(before, after, owner.bridges),
    ...sharedFiles(before, after),
  ];
  const found = [
    ...processes(after, ours),
    ...linksFound(fresh, ours),
    ...routesFound(before, after, fresh, ours),
    ...rules.leaked.flatMap((undo) => rulesFound(undo, 'leaked')),
    ...ownFiles(before, after, ours),
    ...namespaces(before, after, ours),
  ];
  const all = [...found, ...kept];
  const unclear = unclearChanges(before, after, ours, { rules: rules.unclear, found: all, others });
  const blocked = (each: Found) => others || isBridgeInUse(each, after, ours);
  const inUse = [
    ...kept.filter((each) => blocked(each) && each.told.what !== 'file').map(({ told }) => told),
    ...rules.used.map((name) => ({ what: 'rule' as const, name, before: null, after: 'there' })),
  ];
  return {
    found: [...found, ...kept.filter((each) => !blocked(each))],
    inUse,
    others,
    // Whoever uses it is as little known then.
    unclear: unclear.length === 0 ? [] : [...unclear, ...inUse],
  };
}

/** A container engine begins with a bridge, and the interface of a pod has its other end elsewhere, or stands in a bridge. */
function mayBeOfPods({ kind, elsewhere, master }: HostLink): boolean {
  return kind === 'bridge' || elsewhere !== null || master !== null;
}

function ownerOf(after: HostState, ours: Ours): RuleOwner {
  const reserved = Object.values(after.directories).flatMap((files) =>
    Object.entries(files ?? {}).flatMap(([name, holder]) =>
      holder === null || ours.containerIds.includes(holder) ? [] : [name],
    ),
  );
  // An address that no file reserves may be somebody else's by now without a trace: only those of host-local are told by address.
  const isShown = Object.values(after.directories).some((files) => files !== null);
  return {
    containerIds: ours.containerIds,
    chains: ours.containerIds.flatMap((id) => chainsOf(ours.network.name, id)),
    addresses: isShown ? ours.addresses.filter((address) => !reserved.includes(address)) : [],
    bridges: bridgesOf(ours.network),
  };
}

function isNamed(text: string, { containerIds }: Ours): boolean {
  return containerIds.some((id) => text.includes(id));
}

function namespaces(before: HostState, after: HostState, ours: Ours): Found[] {
  return after.namespaces
    .filter((name) => !before.namespaces.includes(name) && isNamed(name, ours))
    .map((name) => ({
      told: { what: 'namespace', name, before: null, after: 'there' },
      as: 'leaked',
      undo: { do: 'delete-namespace', name },
    }));
}

function processes({ plugins }: HostState, ours: Ours): Found[] {
  return plugins
    .filter(({ containerId }) => ours.containerIds.includes(containerId))
    .map(({ pid, containerId }) => ({
      told: { what: 'process', name: `pid ${pid}`, before: null, after: `works for ${containerId}` },
      as: 'leaked',
      undo: { do: 'end-process', pid, containerId },
    }));
}
