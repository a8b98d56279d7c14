import * as z from 'zod';
import { SystemError, type System } from '../../system/system.ts';
import { jsonOf } from '../../values/json.ts';

export const linkSchema = () =>
  z.object({
    name: z.string(),
    /** As the kernel calls it: `bridge`, `veth`; null for a device. */
    kind: z.string().nullable(),
    up: z.boolean(),
    master: z.string().nullable(),
    index: z.int(),
    /** What it stands on or, of a veth, its other end: an index in another network namespace. Null where that is in this one, or nothing. */
    elsewhere: z.int().nullable(),
    /** Bytes. */
    mtu: z.int(),
    /** With their prefix lengths, without those of the link. */
    addresses: z.array(z.string()),
  });

export type HostLink = z.infer<ReturnType<typeof linkSchema>>;

/** Interfaces of this network namespace, 500 bytes each, by `ip` of iproute2: one of them is `{}` where it went away meanwhile. */
const document = z.array(
  z.object({
    ifname: z.string().optional(),
    flags: z.array(z.string()).default([]),
    master: z.string().optional(),
    ifindex: z.int().default(0),
    mtu: z.int().default(0),
    link_index: z.int().optional(),
    link_netnsid: z.int().optional(),
    linkinfo: z.object({ info_kind: z.string().optional() }).optional(),
    addr_info: z
      .array(z.object({ local: z.string().optional(), prefixlen: z.int().optional(), scope: z.string().optional() }))
      .default([]),
  }),
);

const LIMIT = 16 * 1024 * 1024;

/** Throws a SystemError. */
export async function readLinks(system: System, signal: AbortSignal): Promise<HostLink[]> {
  const ip = await system.programs.find('ip');
  if (ip === null) throw new SystemError('missing', 'ip is not installed; it is in the package iproute2');
  const { exitCode, stdout, stderr } = await system.programs.run(ip, ['-j', '-d', 'address', 'show'], {
    signal,
    limit: LIMIT,
  });
  if (exitCode !== 0) throw new SystemError('error', `${ip} -j -d address show: ${stderr.trim() || 'it failed'}`);
  const parsed = document.safeParse(jsonOf(stdout));
  if (!parsed.success) throw new SystemError('error', `${ip} -j -d address show: it printed no JSON of iproute2`);
  return parsed.data.flatMap(
    ({ ifname, ifindex, flags, mtu, master, link_index, link_netnsid, linkinfo, addr_info }) =>
      ifname === undefined
        ? []
        : [
            {
              name: ifname,
              kind: linkinfo?.info_kind ?? null,
              up: flags.includes('UP'),
              master: master ?? null,
              index: ifindex,
              elsewhere: link_netnsid === undefined ? null : (link_index ?? null),
              mtu,
              addresses: addr_info.flatMap(({ local, prefixlen, scope }) =>
                local === undefined || scope === 'link' ? [] : [`${local}/${prefixlen ?? ''}`],
              ),
            },
          ],
  );
}
