import * as z from 'zod';
import { hasJoined } from '../kubernetes/joined.ts';
import { ROLE_FILES } from '../kubernetes/role-files.ts';
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
    const files = Object.fromEntries(
      await Promise.all(PATHS.map(async (path) => [path, await isFile(system, path)] as const)),
    );
    try {
      return { files, manifests: await manifestsOf(system) };
    } catch (error) {
      const isHidden = error instanceof SystemError && error.why === 'denied';
      // Of a node the files beside it tell as much; of a machine without these it stays unread.
      if (!isHidden || !hasJoined({ files, manifests: [] })) throw error;
      return { files: { ...files, ...(await roleFilesOf(system)) }, manifests: [], manifestsHidden: true as const };
    }
  },
});

async function manifestsOf(system: System): Promise<string[]> {
  const names = (await system.listIfThere(MANIFESTS)).filter((name) => name.endsWith('.yaml'));
  const found = names.map(async (name) => ((await isFile(system, `${MANIFESTS}/${name}`)) ? [name] : []));
  return (await Promise.all(found)).flat();
}

/** Those that are hidden too are left out. */
async function roleFilesOf(system: System): Promise<Record<string, boolean>> {
  const found = ROLE_FILES.map(async ([path]) => {
    try {
      return [[path, await isFile(system, path)] as const];
    } catch (error) {
      if (error instanceof SystemError && error.why === 'denied') return [];
      throw error;
    }
  });
  return Object.fromEntries((await Promise.all(found)).flat());
}

/** A directory of such a name was not made by kubeadm, and the kubelet does not read it. */
async function isFile(system: System, path: string): Promise<boolean> {
  return (await system.status(path))?.kind === 'file';
}
