import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../package.json' with { type: 'json' };
import type { BundledPackage } from './bundled-packages.ts';

const RULE = '-'.repeat(80);

/** The chunk that `seaworthy --licenses` prints: our own licence, and those of all that is inside. */
export function licensesChunk(inside: readonly BundledPackage[]): string {
  const own = readFileSync(join(import.meta.dirname, '../LICENSE'), 'utf8');
  const parts = [
    { name: manifest.name, version: manifest.version, license: manifest.license, texts: [own] },
    ...inside,
  ];
  const text = parts.map(({ name, version, license, texts }) =>
    [RULE, `${name} ${version}: ${license}`, RULE, ...texts.map((each) => each.replace(/^\n+/, '').trimEnd())].join(
      '\n\n',
    ),
  );
  return `export const licenses = ${JSON.stringify(`${text.join('\n\n')}\n`)};\n`;
}
