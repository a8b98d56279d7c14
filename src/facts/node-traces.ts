import * as z from 'zod';
import { SystemError, type System } from '../system/system.ts';
import { defineFact } from './define-fact.ts';

const schema = () =>
  z.object({
    files: z.record(z.string(), z.boolean()).describe('files that kubeadm writes, and whether they exist'),
    manifests: z.array(z.string()).describe('names of the files in /etc/kubernetes/manifests'),
    manifestsHidden: z
      .literal(true)
      .optional()
      .describe('that directory may be read by root alone, as kubeadm makes it'),
  });

/** What `kubeadm init` and `kubeadm join` leave on disk: https://kubernetes.io/docs/reference/setup-tools/kubeadm/implementation-details/ */
const PATHS = [
  '/etc/kubernetes/kubelet.conf',
  '/etc/kubernetes/bootstrap-kubelet.conf',
  '/etc/kubernetes/admin.conf',
  '/etc/kubernetes/pki/ca.crt',
] as const;

const MANIFESTS = '/etc/kubernetes/manifests';

export default defineFact({
  title: 'traces of kubeadm',
  schema,
  read: async (system) => {
    const listed = await listUnlessHidden(system);
    const names = (listed ?? []).filter((name) => name.endsWith('.yaml'));
    const [files, manifests] = await Promise.all([
      Promise.all(PATHS.map(async (path) => [path, await isFile(system, path)] as const)),
      Promise.all(names.map(async (name) => ((await isFile(system, `${MANIFESTS}/${name}`)) ? [name] : []))),
    ]);
    const hidden = listed === null ? { manifestsHidden: true as const } : {};
    return { files: Object.fromEntries(files), manifests: manifests.flat(), ...hidden };
  },
});

/** Null for whom it is hidden from: the files beside it tell as much. */
async function listUnlessHidden(system: System): Promise<string[] | null> {
  try {
    return await system.listIfThere(MANIFESTS);
  } catch (error) {
    if (error instanceof SystemError && error.why === 'denied') return null;
    throw error;
  }
}

/** A directory of such a name was not made by kubeadm, and the kubelet does not read it. */
async function isFile(system: System, path: string): Promise<boolean> {
  return (await system.status(path))?.kind === 'file';
}
