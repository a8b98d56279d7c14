import { defineFact, z } from 'seaworthy/plugin';

const schema = () => z.object({ labels: z.array(z.string()).describe('labels of file systems that udev knows') });

interface DiskLabels {
  readonly labels: readonly string[];
}

declare module 'seaworthy/plugin' {
  interface Facts {
    readonly 'acme/diskLabels': DiskLabels;
  }
}

/** Names are given by the kernel's device manager: one link for each label. */
export default defineFact<DiskLabels>({
  title: 'labels of disks',
  schema,
  read: async (system) => ({ labels: await system.listIfThere('/dev/disk/by-label') }),
});
