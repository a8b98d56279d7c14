import { expect, test } from 'vitest';
import type { Plan } from '../../src/plan/settings.ts';
import { withCluster, type ToldOfCluster } from '../../src/plan/with-cluster.ts';
import { clusterNode } from '../checks/cluster/nodes.ts';
import { planWith } from '../engine/given.ts';

const TOLD: NonNullable<ToldOfCluster['networks']> = {
  version: 'v1.34.2-gke.100',
  apiServerIps: ['10.96.0.1'],
  serviceCidrs: ['10.96.0.0/12'],
  podCidrs: ['10.244.0.0/16', 'fd00:10::/56'],
  controlPlaneEndpoint: 'api.example.org:6443',
  unread: [],
};

/** What the cluster told, of all that the plan has. */
function told({ settings, origins }: Plan): Partial<Record<string, unknown>> {
  const keys = Object.entries(origins).flatMap(([key, origin]) => (origin === 'cluster' ? [key] : []));
  return Object.fromEntries(Object.entries(settings).filter(([key]) => keys.includes(key)));
}

test('the cluster tells its version, networks and endpoint', () => {
  expect(told(withCluster(planWith(), { networks: TOLD, peers: [] }))).toEqual({
    kubernetesVersion: '1.34',
    podCidr: TOLD.podCidrs,
    serviceCidr: TOLD.serviceCidrs,
    controlPlaneEndpoint: TOLD.controlPlaneEndpoint,
  });
});

test('what the user says counts more', () => {
  const said = planWith({ kubernetesVersion: '1.30', podCidr: ['10.1.0.0/16'] });
  expect(told(withCluster(said, { networks: TOLD, peers: [] }))).not.toHaveProperty('podCidr');
  expect(withCluster(said, { networks: TOLD, peers: [clusterNode()] }).settings).toMatchObject({
    kubernetesVersion: '1.30',
    podCidr: ['10.1.0.0/16'],
    serviceCidr: TOLD.serviceCidrs,
  });
});

test('nodes are peers by their address, control planes as such; what is being deleted, or has no address, is none', () => {
  const nodes = [
    clusterNode({ name: 'cp1', internalIps: ['10.0.0.11', 'fd00::11'], roles: ['control-plane'] }),
    clusterNode({ name: 'cp2', internalIps: ['fd00::12'], roles: ['master'] }),
    clusterNode({ name: 'w1', internalIps: ['10.0.0.21'] }),
    clusterNode({ name: 'w2', internalIps: ['10.0.0.22'], deleting: true }),
    clusterNode({ name: 'w3', internalIps: [] }),
    clusterNode({ name: 'w4', internalIps: ['no address; rm -rf /'] }),
  ];
  expect(withCluster(planWith(), { networks: null, peers: nodes }).settings.peers).toEqual([
    { roles: ['control-plane'], host: '10.0.0.11', port: 10777, text: 'control-plane@10.0.0.11' },
    { roles: ['control-plane'], host: 'fd00::12', port: 10777, text: 'control-plane@[fd00::12]' },
    { roles: [], host: '10.0.0.21', port: 10777, text: '10.0.0.21' },
  ]);
});

test('ranges of Services within each other are one, and what has no form is not told', () => {
  const networks = {
    ...TOLD,
    version: 'unknown',
    serviceCidrs: ['10.96.0.0/16', '10.96.0.0/12', '10.112.0.0/16', '10.112.0.0/16', 'none'],
    podCidrs: [],
    controlPlaneEndpoint: 'http://x',
  };
  expect(told(withCluster(planWith(), { networks, peers: [] }))).toEqual({
    serviceCidr: ['10.96.0.0/12', '10.112.0.0/16'],
  });
});

test('where the API told nothing the plan is as it was', () => {
  expect(withCluster(planWith(), { networks: null, peers: [] })).toEqual(planWith());
});
