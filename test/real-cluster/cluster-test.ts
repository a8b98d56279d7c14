import { inject, test } from 'vitest';
import { createLab, type Host, type Lab } from '../lab/lab.ts';
import { endPods, prepareNode } from './node.ts';

/** A lab some of whose hosts are nodes. */
export interface ClusterLab extends Lab {
  /** A host on the switch that is ready for kubeadm. */
  node(name: string, address: string): Promise<Host>;
}

/** A test to which `make` gives its `setting`, made once for all tests of a file: that takes a while. */
export function clusterTest<T>(make: (lab: ClusterLab) => Promise<T>) {
  // Vitest reads from the pattern which other fixtures are wanted: none.
  // oxlint-disable-next-line no-empty-pattern
  return test.extend('setting', { scope: 'file' }, async ({}, { onCleanup }) => {
    const lab = await createLab();
    const nodes: Host[] = [];
    const close = async () => {
      await Promise.all(nodes.map(endPods));
      await lab.close();
    };
    onCleanup(close);
    try {
      return await make({
        ...lab,
        node: async (hostName, address) => {
          const host = await lab.host(hostName, `${address}/24`);
          nodes.push(host);
          await prepareNode(host, address, '10.77.0.254');
          return host.via('env', `PATH=${inject('kubernetesPrograms')}:${process.env['PATH']}`);
        },
      });
    } catch (error) {
      // What could not be made is not cleaned up by anybody else.
      await close();
      throw error;
    }
  });
}
