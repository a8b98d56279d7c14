import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** A container image of programs of this machine, each with the libraries that it loads. */
export interface Image {
  /** As manifests have it. */
  readonly name: string;
  /** Paths on this machine; the name that each has in the image is found on its PATH. */
  readonly programs: readonly string[];
  readonly command: readonly string[];
}

/** An archive as `ctr images import` takes it: https://github.com/opencontainers/image-spec/blob/main/image-layout.md */
export function writeImage({ name, programs, command }: Image, archive: string): void {
  const directory = mkdtempSync(join(tmpdir(), 'seaworthy-image-'));
  try {
    const blobs = join(directory, 'image/blobs/sha256');
    mkdirSync(blobs, { recursive: true });
    const blob = (mediaType: string, bytes: Buffer | string) => {
      const hex = createHash('sha256').update(bytes).digest('hex');
      writeFileSync(join(blobs, hex), bytes);
      return {
        mediaType: `application/vnd.oci.image.${mediaType}`,
        digest: `sha256:${hex}`,
        size: Buffer.byteLength(bytes),
      };
    };
    const layer = blob('layer.v1.tar', readFileSync(layerOf(programs, directory)));
    const config = blob(
      'config.v1+json',
      JSON.stringify({
        architecture: process.arch === 'x64' ? 'amd64' : process.arch,
        os: 'linux',
        config: { Entrypoint: command, Env: ['PATH=/usr/bin'] },
        rootfs: { type: 'layers', diff_ids: [layer.digest] },
      }),
    );
    const manifest = blob('manifest.v1+json', JSON.stringify({ schemaVersion: 2, config, layers: [layer] }));
    const annotations = { 'io.containerd.image.name': name };
    writeFileSync(
      join(directory, 'image/index.json'),
      JSON.stringify({ schemaVersion: 2, manifests: [{ ...manifest, annotations }] }),
    );
    writeFileSync(join(directory, 'image/oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
    execFileSync('tar', ['-C', join(directory, 'image'), '-cf', archive, '.']);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The path of a tar archive of their file system. */
function layerOf(programs: readonly string[], directory: string): string {
  const root = join(directory, 'root');
  for (const path of ['tmp', 'usr/bin']) mkdirSync(join(root, path), { recursive: true });
  for (const program of programs) {
    copyFileSync(program, join(root, 'usr/bin', basename(program)));
    for (const library of librariesOf(program)) {
      mkdirSync(join(root, dirname(library)), { recursive: true });
      copyFileSync(library, join(root, library));
    }
  }
  const layer = join(directory, 'layer.tar');
  execFileSync('tar', ['-C', root, '--owner=0', '--group=0', '-cf', layer, '.']);
  return layer;
}

/** ldd fails for a program that loads none. */
function librariesOf(program: string): string[] {
  try {
    return execFileSync('ldd', [program], { encoding: 'utf8', stdio: 'pipe' }).match(/\/\S+(?= \(0x)/g) ?? [];
  } catch {
    return [];
  }
}
