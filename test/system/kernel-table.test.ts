import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import cgroups from '../../src/facts/cgroups.ts';
import listeners from '../../src/facts/listeners.ts';
import resources from '../../src/facts/resources.ts';
import routes from '../../src/facts/routes.ts';
import swap from '../../src/facts/swap.ts';
import sysctls from '../../src/facts/sysctls.ts';
import type { Fact } from '../../src/facts/define-fact.ts';
import { readFrom } from '../facts/read-from.ts';
import type { Files } from '../hosts/directory.ts';

const TCP =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   0: 0100007F:2808 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0\n';
const UDP =
  '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n';
const ROUTE = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';
const ROUTE6 =
  '00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000000 00000000 00000003     eth0\n';
const CGROUPS = '#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t1\t9\t1\n';

const from =
  <T>(fact: Fact<T>) =>
  (files: Files): Promise<unknown> =>
    readFrom(fact, files);

/** Tables of the kernel, the facts that come from them, and files of which those can be read. */
const TABLES: [string, (files: Files) => Promise<unknown>, Files][] = [
  ['/proc/net/tcp', from(listeners), { '/proc/net/tcp': TCP, '/proc/net/udp': UDP }],
  ['/proc/net/udp6', from(listeners), { '/proc/net/tcp': TCP, '/proc/net/udp': UDP, '/proc/net/udp6': UDP }],
  ['/proc/net/route', from(routes), { '/proc/net/route': ROUTE }],
  ['/proc/swaps', from(swap), { '/proc/swaps': 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n' }],
  ['/proc/meminfo', from(resources), { '/proc/meminfo': 'MemTotal:       4028452 kB\n' }],
  ['/proc/cgroups', from(cgroups), { '/proc/cgroups': CGROUPS, '/proc/mounts': '' }],
];
/** It has no header, and is empty on a machine without IPv6. */
const HEADLESS: typeof TABLES = [
  ['/proc/net/ipv6_route', from(routes), { '/proc/net/route': ROUTE, '/proc/net/ipv6_route': ROUTE6 }],
];

test.each([...TABLES, ...HEADLESS])('%s, as a kernel shows it', async (_, read, files) => {
  await expect(read(files)).resolves.toBeDefined();
});

test.each(TABLES)('%s, emptied by tar, is not a table without rows', async (path, read, files) => {
  await expect(read({ ...files, [path]: '' })).rejects.toMatchObject({ why: 'error' });
});

test.each([...TABLES, ...HEADLESS])('%s, any junk', async (path, read, files) => {
  await fc.assert(
    fc.asyncProperty(fc.string(), async (junk) => {
      await expect(read({ ...files, [path]: `\u0000${junk}` })).rejects.toMatchObject({ why: 'error' });
    }),
    { numRuns: 20 },
  );
});

test('a kernel parameter that holds no number is unread, and not another value', async () => {
  const key = 'net/ipv4/ip_forward';
  const of = (text: string) => readFrom(sysctls, { [`/proc/sys/${key}`]: text });
  expect(await of('1\n')).toMatchObject({ values: { [key]: '1' }, denied: [] });
  for (const text of ['', '\u0000\u0001', 'on\n', '1\u0000\u0000'])
    expect(await of(text)).toMatchObject({ values: {}, denied: [key] });
});
