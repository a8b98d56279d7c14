import * as z from 'zod';
import { defineFact } from './define-fact.ts';

const schema = () =>
  z.object({
    files: z
      .record(z.string(), z.boolean())
      .describe('files and directories that kubeadm writes, and whether they exist'),
    manifests: z.array(z.string()).describe('names in /etc/kubernetes/manifests'),
  });

/** What `kubeadm init` and `kubeadm join` leave on disk: https://kubernetes.io/docs/reference/setup-tools/kubeadm/implementation-details/ */
const PATHS = [
  '/etc/kubernetes/kubelet.conf',
  '/etc/kubernetes/bootstrap-kubelet.conf',
  '/etc/kubernetes/admin.conf',
  '/etc/kubernetes/pki/ca.crt',
] as const;

export default defineFact({
  title: 'traces of kubeadm',
  schema,
  read: async (system) => ({
    files: Object.fromEntries(
      await Promise.all(PATHS.map(async (path) => [path, (await system.status(path)) !== null] as const)),
    ),
    manifests: (await system.listIfThere('/etc/kubernetes/manifests')).filter((name) => name.endsWith('.yaml')),
  }),
});
