import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundledPackages } from '../bundled-packages.ts';
import { readOutputs } from '../metafile.ts';
import { billOfMaterials } from './bill-of-materials.ts';
import { makeExecutable } from './make.ts';
import { ARCHITECTURES, pinnedNode } from './pinned-node.ts';

/** What process.versions names besides libraries: Node itself, and versions of its interfaces. */
const NO_LIBRARY = new Set(['node', 'modules', 'napi']);

/**
 * An executable and, beside it, its bill of materials.
 * @returns The names of both. Throws an Error.
 */
export async function writeExecutable(processor: string, directory: string, name: string): Promise<string[]> {
  const architecture = ARCHITECTURES.find((each) => each === processor);
  if (architecture === undefined) throw new Error(`there is no pinned Node for ${processor}`);
  const node = pinnedNode(architecture);
  const executable = await makeExecutable(node);
  const bom = `${name}.cdx.json`;
  replace(join(directory, name), executable, 0o755);
  // Both are of one version, and made of the same sources.
  const libraries = Object.entries(process.versions).flatMap(([library, version]) =>
    // What this Node was built without has no version.
    NO_LIBRARY.has(library) || version === undefined || version === '' ? [] : [{ name: library, version }],
  );
  const ingredients = { packages: bundledPackages(readOutputs()), node, libraries, sha256: sha256(executable) };
  replace(join(directory, bom), billOfMaterials(ingredients), 0o644);
  return [name, bom];
}

/** As sha256sum writes and reads it. */
export function writeSums(directory: string, names: readonly string[]): void {
  const lines = names.map((name) => `${sha256(readFileSync(join(directory, name)))}  ${name}\n`);
  replace(join(directory, 'SHA256SUMS'), lines.join(''), 0o644);
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A program that runs cannot be written over. */
function replace(file: string, content: string | Buffer, mode: number): void {
  // Two test files may want it at the same time.
  const whole = `${file}.${process.pid}.new`;
  writeFileSync(whole, content, { mode });
  renameSync(whole, file);
}
