import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { Outputs } from './metafile.ts';

const ROOT = join(import.meta.dirname, '..');

/** Of a package whose archive lacks it, though its sources name it: with the owner that they name. */
const ADDED = join(import.meta.dirname, 'licenses');
const FILES = /^(?:licen[cs]e|notice|copying)/i;

/** A package of which something is in the bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly license: string;
  /** Licences and notices, as the package has them. */
  readonly texts: readonly string[];
}

const manifest = z.object({ name: z.string(), version: z.string(), license: z.string() });

/** By name and version. Throws an Error for a package without the text of its licence. */
export function bundledPackages(outputs: Outputs): BundledPackage[] {
  const inputs = Object.values(outputs).flatMap((output) => Object.keys(output.inputs));
  const directories = inputs.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []);
  const found = [...new Set(directories)].map((directory) => readPackage(join(ROOT, directory)));
  const byId = new Map(found.map((each) => [`${each.name}@${each.version}`, each]));
  return [...byId.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}

function readPackage(directory: string): BundledPackage {
  const { name, version, license } = manifest.parse(JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')));
  const own = readdirSync(directory).filter((file) => FILES.test(file));
  const added = join(ADDED, `${name}.txt`);
  const files = own.length > 0 ? own.toSorted().map((file) => join(directory, file)) : [added].filter(existsSync);
  if (files.length === 0) throw new Error(`${name} is bundled, and has no licence: put its text at ${added}`);
  return { name, version, license, texts: files.map((file) => readFileSync(file, 'utf8')) };
}
