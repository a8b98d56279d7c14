import pLimit from 'p-limit';
import * as z from 'zod';
import { SystemError, type InterfaceAddress, type System } from '../system/system.ts';
import { parseMac } from '../values/mac.ts';
import { defineFact } from './define-fact.ts';
import { KINDS, kindOf, lowerOf, type KindSigns } from './parts/interface-kind.ts';
import { notShown, showsKernel } from './parts/kernel-shown.ts';
import { showsOwnNamespace } from './parts/network-namespace.ts';

const schema = () =>
  z.object({
    interfaces: z
      .array(
        z.object({
          name: z.string().describe('of the interface'),
          index: z.number().int().describe('ifindex'),
          up: z.boolean().describe('switched on by the administrator'),
          carrier: z.boolean().describe('there is a link: a cable, an access point, a peer'),
          loopback: z.boolean().describe('it is lo'),
          kind: z.enum(KINDS).describe('as far as sysfs tells'),
          master: z.string().nullable().describe('the bridge, bond or VRF that it is enslaved to'),
          parent: z.string().nullable().describe('what a VLAN, macvlan, ipvlan or VXLAN is stacked on'),
          mac: z.string().nullable().describe('null where there is no 48-bit hardware address'),
          addressAssignType: z.number().int().nullable().describe('0 permanent, 1 random, 2 stolen, 3 set'),
          mtu: z.number().int().describe('bytes of an IP packet'),
          virtualFunction: z.boolean().describe('a virtual function of an SR-IOV device of this machine'),
          addresses: z
            .array(
              z.object({
                address: z.string().describe('without prefix or zone'),
                prefix: z.number().int().describe('bits of its network'),
                family: z.union([z.literal(4), z.literal(6)]).describe('of IP'),
              }),
            )
            .describe('IPv4 and IPv6, link-local ones included'),
        }),
      )
      .describe('those of this network namespace, by index'),
    shown: notShown(),
  });

type Interfaces = z.infer<ReturnType<typeof schema>>;

const DIRECTORY = '/sys/class/net';
const IFF_UP = 0x1;
const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;
const ATTEMPTS = 3;
/** A node of many pods has thousands; other facts are read at the same time. */
const AT_ONCE = 16;

export default defineFact({
  title: 'network interfaces and their addresses',
  schema,
  read: async (system): Promise<Interfaces> => {
    if (!(await showsKernel(system))) return { interfaces: [], shown: false };
    // Pods come and go: what differs may be between two reads, and is not at the next attempt.
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const links = await readLinks(system);
      const addresses = await system.addresses();
      // A directory is what it is: only a process can be in another namespace than its sysfs.
      if (!system.live || (await showsOwnNamespace(system, links, addresses)))
        return { interfaces: join(links, addresses) };
    }
    throw new SystemError(
      'unsupported',
      `${DIRECTORY} shows another network namespace than the one of this process; enter it with \`ip netns exec\`, which mounts its own /sys`,
    );
  },
});

/** An interface as sysfs shows it. */
interface Link extends KindSigns {
  readonly name: string;
  readonly mac: string | null;
  readonly addressAssignType: number | null;
  readonly mtu: number;
  readonly carrier: boolean;
  readonly master: string | null;
  readonly virtualFunction: boolean;
}

async function readLinks(system: System): Promise<Link[]> {
  const names = await system.list(DIRECTORY);
  const limit = pLimit(AT_ONCE);
  const links = await Promise.all(names.map((name) => limit(readLink, system, name)));
  return links.filter((link) => link !== null).sort((a, b) => a.index - b.index);
}

/** Null for what is no interface (`bonding_masters`) or went away while it was read. */
async function readLink(system: System, name: string): Promise<Link | null> {
  const directory = `${DIRECTORY}/${name}`;
  const attribute = (file: string) => readAttribute(system, `${directory}/${file}`);
  const number = async (file: string) => toNumber(await attribute(file));
  const sure = async (file: string) => {
    const text = await attribute(file);
    return text === null ? null : surely(`${directory}/${file}`, toNumber(text));
  };
  const [index, type, flags, mtu] = await Promise.all(['ifindex', 'type', 'flags', 'mtu'].map(sure));
  if (index == null || type == null || flags == null || mtu == null) return null;
  const [mac, carrier, uevent] = await Promise.all(['address', 'carrier', 'uevent'].map(attribute));
  const [iflink, addressAssignType] = await Promise.all(['iflink', 'addr_assign_type'].map(number));
  const entries = await system.listIfThere(directory);
  const physical = entries.includes('device');
  return {
    name,
    index,
    type,
    flags,
    mtu,
    iflink: iflink ?? null,
    mac: type === ARPHRD_ETHER && mac != null ? surely(`${directory}/address`, parseMac(mac)) : null,
    addressAssignType: addressAssignType ?? null,
    carrier: carrier === '1',
    devtype: /^DEVTYPE=(\S+)$/m.exec(uevent ?? '')?.[1] ?? null,
    entries,
    master: entries.includes('master') ? await linkName(system, `${directory}/master`) : null,
    virtualFunction: physical && (await system.status(`${directory}/device/physfn`)) !== null,
  };
}

/** Null where the kernel does not show it: the carrier of an interface that is down is EINVAL. */
async function readAttribute(system: System, path: string): Promise<string | null> {
  try {
    return (await system.readText(path)).trim();
  } catch (error) {
    if (error instanceof SystemError && (error.why === 'missing' || error.code === 'EINVAL')) return null;
    throw error;
  }
}

/** Decimal or, as flags are, 0x-hexadecimal. */
function toNumber(text: string | null): number | null {
  return text !== null && /^(?:\d+|0x[0-9a-f]+)$/i.test(text) && Number.isSafeInteger(Number(text))
    ? Number(text)
    : null;
}

/** What is there and cannot be parsed is a copy that went wrong, and not an interface that is not there. */
function surely<T>(path: string, parsed: T | null): T {
  if (parsed === null) throw new SystemError('error', `${path}: it is not what a kernel shows there`);
  return parsed;
}

async function linkName(system: System, path: string): Promise<string | null> {
  try {
    return (await system.readLink(path)).split('/').at(-1) ?? null;
  } catch (error) {
    if (error instanceof SystemError && error.why === 'missing') return null;
    throw error;
  }
}

function join(links: readonly Link[], addresses: readonly InterfaceAddress[]): Interfaces['interfaces'] {
  const nameOf = new Map(links.map(({ index, name }) => [index, name]));
  return links.map((link) => {
    const kind = kindOf(link);
    return {
      name: link.name,
      index: link.index,
      up: (link.flags & IFF_UP) !== 0,
      carrier: link.carrier,
      loopback: link.type === ARPHRD_LOOPBACK,
      kind,
      master: link.master,
      parent: parentOf(link, kind, nameOf),
      mac: link.mac,
      addressAssignType: link.addressAssignType,
      mtu: link.mtu,
      virtualFunction: link.virtualFunction,
      addresses: addresses
        .filter(({ name }) => name === link.name)
        .map(({ address, prefix, family }) => ({ address, prefix, family })),
    };
  });
}

/** A bridge or bond stands on several; older kernels link a VLAN to its lower interface by its index alone. */
function parentOf(link: Link, kind: ReturnType<typeof kindOf>, nameOf: ReadonlyMap<number, string>): string | null {
  if (kind === 'bridge' || kind === 'bond') return null;
  const lower = lowerOf(link);
  if (lower !== null) return lower;
  const isStacked = kind === 'vlan' || kind === 'macvlan' || kind === 'vxlan';
  return isStacked && link.iflink !== null && link.iflink !== link.index ? (nameOf.get(link.iflink) ?? null) : null;
}
