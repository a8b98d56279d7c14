import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import buildExecutable from '../executable.ts';

const ROOT = join(import.meta.dirname, '../..');

/** An image that buildah built, in a store of its own. */
export interface Image {
  /** Its file system. */
  readonly directory: string;
  readonly entrypoint: string;
  /** Writes one that was built as a file that `ctr images import` takes, by the name that manifests have for it. */
  save(name: string, archive: string): void;
  remove(): void;
}

/** Packages that the image with programs takes them from. */
export const PROGRAMS_OF = ['iproute2', 'nftables', 'iptables'] as const;

/** Builds deploy/Containerfile, or with programs the one that stands on it, with this base system and the executable of dist. No registry is asked. */
export function buildImage(base: string, withPrograms = false): Image {
  buildExecutable();
  const store = mkdtempSync(join(tmpdir(), 'seaworthy-image-'));
  const where = ['--root', join(store, 'root'), '--runroot', join(store, 'run'), '--storage-driver', 'vfs'];
  const buildah = (...args: string[]) =>
    execFileSync('buildah', [...where, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
      .toString()
      .trim();
  const remove = () => rmSync(store, { recursive: true, force: true });
  try {
    const container = buildah('from', 'scratch');
    execFileSync('cp', ['--archive', `${base}/.`, buildah('mount', container)]);
    buildah('umount', container);
    buildah('commit', '--quiet', container, 'base');
    const build = (file: string, name: string, ...args: readonly string[]) =>
      buildah(
        'build',
        '--isolation',
        'chroot',
        '--build-arg',
        'BASE=localhost/base',
        ...args,
        '-f',
        `deploy/${file}`,
        '-t',
        name,
        'dist',
      );
    const name = withPrograms ? 'seaworthy-pods' : 'seaworthy';
    build('Containerfile', 'seaworthy');
    if (withPrograms) build('Containerfile.pods', name, '--build-arg', 'SEAWORTHY=localhost/seaworthy');
    const entrypoint = buildah('inspect', '--type', 'image', '--format', '{{index .OCIv1.Config.Entrypoint 0}}', name);
    return {
      directory: buildah('mount', buildah('from', `localhost/${name}`)),
      entrypoint,
      save: (saved, archive) => {
        const [local = ''] = saved.split(':');
        buildah('push', '--quiet', `localhost/${local}`, `docker-archive:${archive}:docker.io/library/${saved}`);
      },
      remove,
    };
  } catch (error) {
    remove();
    throw error;
  }
}
