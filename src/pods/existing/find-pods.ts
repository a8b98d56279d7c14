import { LEGACY_FAMILIES, saveLegacy } from '../../system/iptables-save.ts';
import { nftLister } from '../../system/nft.ts';
import { SystemError, type HeldFile, type System } from '../../system/system.ts';
import { isLinkLocal, parseIp } from '../../values/ip.ts';
import { readLinks, type HostLink } from '../host/host-links.ts';
import { candidatesOf, linkTo, type Candidate } from './candidates.ts';

/** A pod that can be entered. Whoever has it closes what is held. */
export interface FoundPod {
  /** That of its network namespace where the runtime bound one, else the pod's UID. */
  readonly name: string;
  readonly held: HeldFile;
  /** By which it is connected. */
  readonly link: HostLink;
  /** With their prefix lengths, without those of the link. */
  readonly addresses: readonly string[];
}

/** Looking into one takes two programs: more than these are not looked into to find what serves best. */
const LOOKED_INTO = 16;

/** Pods whose network leads to this machine, and that pass packets on as they are; those of both families first, then the oldest. Throws a SystemError. */
export async function findPods(
  system: System,
  nsenter: string,
  count: number,
  signal: AbortSignal,
): Promise<FoundPod[]> {
  const [candidates, links] = await Promise.all([candidatesOf(system), readLinks(system, signal)]);
  const found: FoundPod[] = [];
  let chosen: readonly FoundPod[] = [];
  try {
    for (const candidate of candidates.slice(0, LOOKED_INTO)) {
      const pod = await lookInto(system, nsenter, candidate, links, signal);
      if (pod !== null) found.push(pod);
      if (found.filter(hasBothFamilies).length >= count) break;
    }
    chosen = best(found, count);
    return [...chosen];
  } finally {
    for (const pod of found) if (!chosen.includes(pod)) pod.held.close();
  }
}

/** Those that differ in their addresses, the order otherwise kept; where they are too few, also one that has the address of another: that is to be seen. */
export function best<T extends Pick<FoundPod, 'addresses'>>(found: readonly T[], count: number): T[] {
  const differing = found.filter(({ addresses }, index) =>
    found.slice(0, index).every((earlier) => !earlier.addresses.some((address) => addresses.includes(address))),
  );
  const others = found.filter((pod) => !differing.includes(pod));
  return [...differing.filter(hasBothFamilies), ...differing.filter((pod) => !hasBothFamilies(pod)), ...others].slice(
    0,
    count,
  );
}

function hasBothFamilies({ addresses }: Pick<FoundPod, 'addresses'>): boolean {
  return addresses.some((address) => address.includes(':')) && addresses.some((address) => !address.includes(':'));
}

/** Null for one that has ended, or whose packets would not show what the node's network does. */
async function lookInto(
  system: System,
  nsenter: string,
  { name, path, identity }: Candidate,
  host: readonly HostLink[],
  signal: AbortSignal,
): Promise<FoundPod | null> {
  const held = await holdAs(system, path, identity);
  if (held === null) return null;
  const inside = programsInside(system, nsenter, held.path);
  try {
    const links = await readLinks(inside, signal);
    const link = uplink(links, host);
    const addresses = link?.addresses.filter(isOfPod) ?? [];
    if (link !== null && addresses.length > 0 && !(await hasRules(inside, signal)))
      return { name, held, link, addresses };
  } catch (error) {
    if (!(error instanceof SystemError) || error.why === 'timeout' || error.why === 'missing') {
      held.close();
      throw error;
    }
  }
  held.close();
  return null;
}

/** A number of a process, and a name, may be another's by now. */
async function holdAs(system: System, path: string, identity: string): Promise<HeldFile | null> {
  try {
    const held = await system.hold(path);
    if (linkTo(held) === identity) return held;
    held.close();
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
  }
  return null;
}

function isOfPod(address: string): boolean {
  const ip = parseIp(address.slice(0, address.lastIndexOf('/')));
  return ip !== null && !isLinkLocal(ip);
}

/** The interface whose other end is here: a veth and its peer name each other, other kinds stand on an interface of the host. */
export function uplink(links: readonly HostLink[], host: readonly HostLink[]): HostLink | null {
  const found = links.find(({ kind, index, elsewhere, up, addresses }) => {
    if (elsewhere === null || !up || addresses.length === 0) return false;
    const peer = host.find((link) => link.index === elsewhere);
    return kind === 'veth' ? peer?.kind === 'veth' && peer.elsewhere === index : peer !== undefined;
  });
  return found ?? null;
}

/** A service mesh takes packets of its pod to its own proxy, which would answer in our place. */
async function hasRules(inside: System, signal: AbortSignal): Promise<boolean> {
  const ask = await nftLister(inside, signal);
  const items = ask === null ? [] : await ask('ruleset');
  if (items.some((item) => 'rule' in item)) return true;
  for (const { names, program } of LEGACY_FAMILIES)
    for (const table of await loadedInside(inside, names, signal))
      if (/^-A /m.test(await saveLegacy(inside, program, table, signal))) return true;
  return false;
}

/** Older kernels have the tables of one network in all of them, and without rules. */
async function loadedInside(inside: System, names: string, signal: AbortSignal): Promise<string[]> {
  const cat = await inside.programs.find('cat');
  if (cat === null) throw new SystemError('missing', 'cat is not installed; it is in the package coreutils');
  const { stdout } = await inside.programs.run(cat, [names], { signal });
  return stdout.split('\n').filter((table) => table !== '');
}

/** The same machine, whose programs run in another network; /proc and /sys go on showing that of this process. */
function programsInside(system: System, nsenter: string, network: string): System {
  const { programs } = system;
  return {
    ...system,
    programs: {
      find: (name) => programs.find(name),
      run: (path, args, options) => programs.run(nsenter, [`--net=${network}`, '--', path, ...args], options),
    },
  };
}
