import { join } from 'node:path';
import { expect } from 'vitest';
import type { PodsResult, PodTold } from '../../src/evidence/pods.ts';
import { labTest, type Host } from './lab.ts';

const END = join(import.meta.dirname, 'existing-pods-end.ts');

interface Seen {
  readonly told: readonly PodTold[];
  readonly none: PodsResult['none'];
  readonly seen: readonly { readonly name: string; readonly addresses: readonly string[]; readonly said: string }[];
}

async function enter(host: Host, count: number, ...by: string[]): Promise<Seen> {
  return JSON.parse(await host.sh([...by, process.execPath, END, String(count)].join(' '))) as Seen;
}

const nameOf = (digit: string) =>
  `cni-${digit.repeat(8)}-${[1, 2, 3].map(() => digit.repeat(4)).join('-')}-${digit.repeat(12)}`;

/** As a runtime and the bridge plugin would make it. */
async function pod(host: Host, digit: string, ...addresses: string[]): Promise<string> {
  const name = nameOf(digit);
  await host.sh(`
    ip link show cni0 >/dev/null 2>&1 || ip link add cni0 up type bridge
    ip netns add ${name}
    ip link add veth${digit} type veth peer name eth0 netns ${name}
    ip link set dev veth${digit} master cni0 up
    ip -n ${name} link set dev lo up
    ip -n ${name} link set dev eth0 mtu 1450 up
    ${addresses.map((address) => `ip -n ${name} address add ${address} dev eth0${address.includes(':') ? ' nodad' : ''}`).join('\n')}`);
  return name;
}

labTest('real pods are entered, and nothing of them or of the host changes', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  const first = await pod(host, 'a', '10.244.1.10/24', 'fd00:244::10/64');
  const second = await pod(host, 'b', '10.244.1.11/24', 'fd00:244::11/64');
  await pod(host, 'c', '10.244.1.12/24', 'fd00:244::12/64');
  const state = async () =>
    (await host.state()) +
    (await host.sh(
      `for n in ${first} ${second}; do ip -n $n address; ip netns exec $n ss -Htuln; ip netns pids $n; done`,
    ));
  const before = (await state()).replaceAll(' tentative', '');
  const { told, none, seen } = await enter(host, 2);
  expect(none).toBeNull();
  expect(seen).toEqual([
    { name: first, addresses: ['10.244.1.10/24', 'fd00:244::10/64'], said: 'eth0 lo 10.244.1.10/24' },
    { name: second, addresses: ['10.244.1.11/24', 'fd00:244::11/64'], said: 'eth0 lo 10.244.1.11/24' },
  ]);
  expect(told[0]).toEqual({
    name: first,
    interface: 'eth0',
    addresses: ['10.244.1.10/24', 'fd00:244::10/64'],
    mtu: 1450,
    status: null,
    add: null,
    check: null,
    del: [],
    differences: [],
  });
  expect((await state()).replaceAll(' tentative', '')).toBe(before);
});

labTest('those of both families come first, then the oldest', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await pod(host, 'a', '10.244.1.10/24');
  const old = await pod(host, 'b', '10.244.1.11/24');
  const dual = await pod(host, 'c', '10.244.1.12/24', 'fd00:244::12/64');
  const pid = (await host.sh(`ip netns exec ${old} sleep 60 >/dev/null 2>&1 & echo $!`)).trim();
  const { seen } = await enter(host, 2);
  await host.sh(`kill ${pid}`);
  expect(seen.map(({ name }) => name)).toEqual([dual, old]);
});

labTest('two pods with one address both take part, where there is no third one', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  const first = await pod(host, 'a', '10.244.1.10/24');
  const second = await pod(host, 'b', '10.244.1.10/24');
  expect((await enter(host, 2)).seen.map(({ name }) => name)).toEqual([first, second]);
  const third = await pod(host, 'c', '10.244.1.11/24');
  expect((await enter(host, 2)).seen.map(({ name }) => name)).toEqual([first, third]);
});

labTest('what is no pod for this purpose is not entered', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  // A service mesh takes its packets; its other end is nowhere here; nothing but loopback; what a runtime left behind; somebody's own.
  const mesh = await pod(host, 'a', '10.244.1.10/24');
  await host.sh(`ip netns exec ${mesh} iptables -t nat -A PREROUTING -p tcp -j REDIRECT --to-ports 15006`);
  const nested = await pod(host, 'b', '10.244.1.11/24');
  await host.sh(`ip netns add other; ip link set dev vethb netns other; ip -n other link set dev vethb up`);
  await host.sh(`ip netns add ${nameOf('c')}; touch /run/netns/${nameOf('d')}`);
  await host.sh(`ip netns add vpn; ip link add v0 type veth peer name eth0 netns vpn; ip link set dev v0 up`);
  await host.sh('ip -n vpn link set dev eth0 up; ip -n vpn address add 10.9.9.9/24 dev eth0');
  expect(nested).not.toBe(mesh);
  expect(await enter(host, 2)).toMatchObject({ told: [], seen: [], none: { why: 'no-pods' } });
  expect((await enter(host, 2, 'setpriv', '--reuid=65534', '--clear-groups')).none).toMatchObject({ why: 'denied' });

  const good = await pod(host, 'e', '10.244.1.12/24');
  expect((await enter(host, 2)).seen.map(({ name }) => name)).toEqual([good]);

  await host.sh('mount --bind /dev/null $(command -v nsenter)');
  expect((await enter(host, 2)).none).toEqual({
    why: 'missing',
    detail: 'nsenter is not installed; it is in the package util-linux',
  });
});
