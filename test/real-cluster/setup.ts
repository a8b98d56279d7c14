import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { prepare } from '../lab/setup.ts';
import { writeImage, type Image } from './images.ts';
import { REFLECT2 } from './kubernetes-source.ts';
import { kubernetesPrograms, VERSION } from './kubernetes.ts';
import { PAUSE } from './node.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The directory of kubeadm, kubectl, kube-apiserver and the others. */
    kubernetesPrograms: string;
    /** The directory of the archives of all images that the nodes have. */
    clusterImages: string;
  }
}

/** What building and running them needs beyond what the lab needs. */
const PACKAGES = {
  go: 'golang-go',
  'dpkg-source': 'dpkg-dev',
  [REFLECT2]: 'golang-github-modern-go-reflect2-dev',
  '/bin/busybox': 'busybox-static',
  conntrack: 'conntrack',
};

/** Builds Kubernetes where that was not done yet, and the images of its static pods. */
export default function setup(project: TestProject): () => void {
  const missing = prepare(PACKAGES);
  // Whoever asks for these tests is not helped by tests that were skipped.
  if (missing !== null) throw new Error(missing);
  const programs = kubernetesPrograms((line) => console.log(`cluster: ${line}`));
  const images = mkdtempSync(join(tmpdir(), 'seaworthy-images-'));
  for (const image of imagesOf(programs))
    writeImage(image, join(images, `${image.programs.map((path) => path.split('/').pop()).join()}.tar`));
  project.provide('labMissing', null);
  project.provide('kubernetesPrograms', programs);
  project.provide('clusterImages', images);
  return () => rmSync(images, { recursive: true });
}

/** By the names that this kubeadm writes into manifests. */
function imagesOf(programs: string): Image[] {
  const components = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((component) => ({
    name: `k8s.gcr.io/${component}:${VERSION}`,
    programs: [join(programs, component)],
    command: [`/usr/bin/${component}`],
  }));
  return [
    { name: PAUSE, programs: ['/bin/busybox'], command: ['/usr/bin/busybox', 'sleep', '100000000'] },
    { name: 'k8s.gcr.io/etcd:3.4.13-0', programs: ['/usr/bin/etcd'], command: ['/usr/bin/etcd'] },
    ...components,
  ];
}
