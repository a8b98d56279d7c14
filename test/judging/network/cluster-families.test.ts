import { expect, test } from 'vitest';
import { clusterFamilies } from '../../../src/judging/network/cluster-families.ts';
import { DEFAULTS } from '../../../src/plan/defaults.ts';
import type { Settings } from '../../../src/plan/settings.ts';
import { interfaceWith, kubeletConfigWith } from '../../checks/kernel/readings.ts';

const unread = { unread: 'error', detail: 'not read' } as const;
const families = (plan: Partial<Settings>, interfaces = interfaceWith(), kubeletConfig = kubeletConfigWith({})) =>
  clusterFamilies({ ...DEFAULTS, ...plan }, { interfaces, kubeletConfig });

test('nothing is known', () => {
  expect(clusterFamilies(DEFAULTS, { interfaces: unread, kubeletConfig: unread })).toEqual([4]);
});

test.each<[Partial<Settings>, number[]]>([
  [{ podCidr: ['10.244.0.0/16'] }, [4]],
  [{ podCidr: ['fd00:10::/56'] }, [6]],
  [{ podCidr: ['fd00:10::/56', '10.244.0.0/16'] }, [4, 6]],
  [{ serviceCidr: ['10.96.0.0/12'], nodeIp: ['fd00::1'] }, [4, 6]],
  [{ advertiseAddress: 'fd00::1' }, [6]],
  [{ controlPlaneEndpoint: '[fd00::1]:6443' }, [6]],
])('%j', (plan, expected) => {
  expect(families(plan, interfaceWith('10.0.0.1'))).toEqual(expected);
});

test('a name as endpoint says nothing', () => {
  expect(families({ controlPlaneEndpoint: 'api.example:6443' }, interfaceWith('fd00::1'))).toEqual([6]);
});

test('what the kubelet was told counts before the addresses of the machine', () => {
  const told = kubeletConfigWith({ clusterDNS: ['fd00:96::a'] });
  expect(families({}, interfaceWith('10.0.0.1', 'fd00::1'), told)).toEqual([6]);
});

test('a machine with both is IPv4, one with IPv6 alone is IPv6; link-local addresses do not count', () => {
  expect(families({}, interfaceWith('10.0.0.1', 'fd00::1'))).toEqual([4]);
  expect(families({}, interfaceWith('169.254.1.1', 'fd00::1'))).toEqual([6]);
  expect(families({}, interfaceWith('fe80::1'))).toEqual([4]);
});
