import { randomUUID } from 'node:crypto';
import { Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';
import manifest from '../../package.json' with { type: 'json' };
import { buildDate } from '../build-date.ts';

/** A package of npm that is inside. */
interface Package {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly license: string;
  /** Of its archive, as npm writes it: sha512-BASE64. */
  readonly integrity?: string;
}

/** What an executable is made of. */
export interface Ingredients {
  readonly packages: readonly Package[];
  readonly node: Package;
  /** What is inside of Node. */
  readonly libraries: readonly { readonly name: string; readonly version: string }[];
  /** Of the executable, in hexadecimal digits. */
  readonly sha256: string;
}

/** CycloneDX 1.6, as JSON. */
export function billOfMaterials({ packages, node, libraries, sha256 }: Ingredients): string {
  const program = component(Enums.ComponentType.Application, manifest, [Enums.HashAlgorithm['SHA-256'], sha256]);
  program.description = manifest.description;
  const runtime = npmPackage(node);
  for (const { name, version } of libraries) {
    runtime.components.add(
      new Models.Component(Enums.ComponentType.Library, name, { bomRef: `${node.name}/${name}`, version }),
    );
  }
  const inside = [runtime, ...packages.map(npmPackage)];
  for (const { bomRef } of inside) program.dependencies.add(bomRef);
  const bom = new Models.Bom({
    serialNumber: `urn:uuid:${randomUUID()}`,
    metadata: new Models.Metadata({ timestamp: buildDate(), component: program }),
    components: new Models.ComponentRepository(inside),
  });
  const factory = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  return `${new Serialize.JsonSerializer(factory).serialize(bom, { sortLists: true, space: 2 })}\n`;
}

function npmPackage(its: Package): Models.Component {
  const sha512 = Buffer.from(its.integrity?.replace(/^sha512-/, '') ?? '', 'base64').toString('hex');
  return component(Enums.ComponentType.Library, its, [Enums.HashAlgorithm['SHA-512'], sha512]);
}

function component(
  type: Enums.ComponentType,
  { name, version, license }: Package,
  [algorithm, hash]: readonly [Enums.HashAlgorithm, string],
): Models.Component {
  const [scope, own] = name.startsWith('@') ? name.split('/') : [undefined, name];
  return new Models.Component(type, own ?? name, {
    bomRef: `${name}@${version}`,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    licenses: new Models.LicenseRepository([new Models.LicenseExpression(license)]),
    hashes: new Models.HashDictionary(hash === '' ? [] : [[algorithm, hash]]),
    ...(scope === undefined ? {} : { group: scope }),
  });
}
