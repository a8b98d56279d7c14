import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, type TestContext } from 'vitest';
import type { PathMtuResult } from '../../src/evidence/probes.ts';
import { needLab } from './lab.ts';

const run = promisify(execFile);
const END = join(import.meta.dirname, 'mtu-end.ts');
const PORT = '8472';
const RECEIVER = { 4: '10.77.2.1', 6: 'fd77:2::1' } as const;
const TOO_BIG_DROPPED = `nft 'add table inet f; add chain inet f o { type filter hook output priority 0; };
  add rule inet f o icmp type destination-unreachable drop; add rule inet f o icmpv6 type packet-too-big drop'`;

interface Path {
  /** Runs a script in the sender, the router or the receiver. */
  sh(host: 'a' | 'r' | 'b', script: string): Promise<string>;
  measure(family: 4 | 6, ceiling?: number): Promise<PathMtuResult>;
}

/** a — r — b, with a listener on b; it goes when the test is over. */
async function createPath({ skip, onTestFinished }: TestContext): Promise<Path> {
  needLab(skip);
  const id = `sw${randomBytes(3).toString('hex')}`;
  const sh: Path['sh'] = async (host, script) =>
    (await run('ip', ['netns', 'exec', `${id}-${host}`, 'sh', '-ec', script])).stdout;
  const enter = (host: 'a' | 'b') => ['netns', 'exec', `${id}-${host}`, process.execPath, END];
  const names = ['a', 'r', 'b'].map((host) => `${id}-${host}`);
  onTestFinished(async () => {
    for (const name of names) await run('ip', ['netns', 'delete', name]);
  });
  for (const name of names) await run('ip', ['netns', 'add', name]);
  await run('ip', `-n ${id}-a link add dev eth0 type veth peer name ra netns ${id}-r`.split(' '));
  await run('ip', `-n ${id}-b link add dev eth0 type veth peer name rb netns ${id}-r`.split(' '));
  await sh('r', 'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1');
  for (const [host, device, place, gateway] of [
    ['r', 'ra', '1', null],
    ['r', 'rb', '2', null],
    ['a', 'eth0', '1', '254'],
    ['b', 'eth0', '2', '254'],
  ] as const) {
    const own = host === 'r' ? '254' : '1';
    await sh(
      host,
      `sysctl -qw net.ipv6.conf.${device}.accept_dad=0
       ip link set dev lo up
       ethtool -K ${device} tso off gso off gro off tx off > /dev/null
       ip address add 10.77.${place}.${own}/24 dev ${device}
       ip address add fd77:${place}::${own}/64 dev ${device} nodad
       ip link set dev ${device} up
       ${gateway === null ? '' : `ip route add default via 10.77.${place}.254; ip -6 route add default via fd77:${place}::254`}`,
    );
  }
  const listener = spawn('ip', [...enter('b'), 'listen', PORT, RECEIVER[4], RECEIVER[6]], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void listener.kill('SIGKILL'));
  await once(listener.stdout, 'data');
  const measure: Path['measure'] = async (family, ceiling = 1_500) => {
    const { stdout } = await run('ip', [...enter('a'), 'measure', PORT, RECEIVER[family], String(ceiling)]);
    return JSON.parse(stdout) as PathMtuResult;
  };
  return { sh, measure };
}

const FAMILIES = [4, 6] as const;
const source = { 4: '10.77.1.1', 6: 'fd77:1::1' } as const;
const port = Number(PORT);

test.for(FAMILIES)('IPv%i: a healthy path carries the ceiling', async (family, context) => {
  const path = await createPath(context);
  expect(await path.measure(family)).toEqual({
    port,
    mtu: 1_500,
    beyond: 'none-tried',
    ceiling: 1_500,
    source: source[family],
    detail: null,
  });
});

test.for(FAMILIES)(
  'IPv%i: a router with a smaller link says so, and later the kernel does',
  async (family, context) => {
    const path = await createPath(context);
    await path.sh('r', 'ip link set dev rb mtu 1400');
    await path.sh('b', 'ip link set dev eth0 mtu 1400');
    expect(await path.measure(family)).toMatchObject({ port, mtu: 1_400, beyond: 'told' });
    // From here on the sender makes fragments, which arrive.
    expect(await path.measure(family)).toMatchObject({ port, mtu: 1_400, beyond: 'told' });
  },
);

test.for(FAMILIES)('IPv%i: a router that does not say so is a black hole', async (family, context) => {
  const path = await createPath(context);
  await path.sh('r', `ip link set dev rb mtu 1400; ${TOO_BIG_DROPPED}`);
  await path.sh('b', 'ip link set dev eth0 mtu 1400');
  expect(await path.measure(family)).toMatchObject({ port, mtu: 1_400, beyond: 'black-hole' });
});

test.for([
  ['10.77.1.0/24 dev ra', 1_500],
  ['10.77.2.0/24 dev rb', 1_377],
] as const)(
  'of the two directions the one to the receiver is measured: smaller towards %s',
  async ([route, mtu], context) => {
    const path = await createPath(context);
    await path.sh('r', `ip route change ${route} mtu lock 1377`);
    expect(await path.measure(4)).toMatchObject({ port, mtu });
  },
);

test("a smaller MTU of the sender's own route is told", async (context) => {
  const path = await createPath(context);
  await path.sh('a', 'ip route change default via 10.77.1.254 mtu 1450');
  expect(await path.measure(4)).toMatchObject({ mtu: 1_450, beyond: 'told' });
});

test('jumbo frames on the first link only', async (context) => {
  const path = await createPath(context);
  await path.sh('r', `ip link set dev ra mtu 9000; ${TOO_BIG_DROPPED}`);
  await path.sh('a', 'ip link set dev eth0 mtu 9000');
  expect(await path.measure(4, 9_000)).toMatchObject({ mtu: 1_500, beyond: 'black-hole' });
});

test('datagrams that are lost by chance do not make the path smaller', async (context) => {
  const path = await createPath(context);
  await path.sh(
    'r',
    `nft 'add table ip f; add chain ip f o { type filter hook forward priority 0; }; add rule ip f o numgen random mod 100 < 15 drop'`,
  );
  expect(await path.measure(4)).toMatchObject({ mtu: 1_500, beyond: 'none-tried' });
});

test('less than every network must carry', async (context) => {
  const path = await createPath(context);
  await path.sh(
    'r',
    `nft 'add table ip f; add chain ip f o { type filter hook forward priority 0; }; add rule ip f o meta length > 500 drop'`,
  );
  expect(await path.measure(4)).toMatchObject({
    mtu: 92,
    beyond: 'black-hole',
    detail: expect.stringContaining('576'),
  });
});

test('what cannot be known is not said', async (context) => {
  const path = await createPath(context);
  await path.sh('a', 'sysctl -qw net.ipv4.ip_no_pmtu_disc=1');
  expect(await path.measure(4)).toMatchObject({
    port: null,
    mtu: null,
    detail: expect.stringContaining('ip_no_pmtu_disc'),
  });
  await path.sh(
    'b',
    `nft 'add table inet f; add chain inet f i { type filter hook input priority 0; }; add rule inet f i meta l4proto udp drop'`,
  );
  expect(await path.measure(6)).toMatchObject({ port: null, mtu: null, source: null });
});
