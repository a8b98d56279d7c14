import * as z from 'zod';
import type { System } from '../../system/system.ts';
import { parseToml } from '../../values/toml.ts';
import { matchingFiles } from './matching-files.ts';

const MAIN = '/etc/crio/crio.conf';
const DROP_INS = '/etc/crio/crio.conf.d';
const LIMIT = 1024 * 1024;

/** What CRI-O's configuration says of pod networks; null is what it leaves to its defaults. */
export interface CrioNetworkConfig {
  readonly confDir: string | null;
  readonly binDirs: readonly string[] | null;
  readonly defaultNetwork: string | null;
}

const documentSchema = () =>
  z.object({
    crio: z
      .object({
        network: z
          .object({
            network_dir: z.string().optional().catch(undefined),
            plugin_dirs: z.array(z.string()).optional().catch(undefined),
            cni_default_network: z.string().optional().catch(undefined),
          })
          .catch({})
          .default({}),
      })
      .catch({ network: {} })
      .default({ network: {} }),
  });

/** The main file, then the drop-ins in their order; a later one wins. https://github.com/cri-o/cri-o/blob/main/docs/crio.conf.d.5.md */
export async function readCrioNetworkConfig(system: System): Promise<CrioNetworkConfig> {
  const schema = documentSchema();
  const found: CrioNetworkConfig = { confDir: null, binDirs: null, defaultNetwork: null };
  return [MAIN, ...(await matchingFiles(system, DROP_INS, '*'))].reduce(async (before, path) => {
    const sofar = await before;
    const text = (await system.status(path))?.kind === 'file' ? await system.readTextIfThere(path, LIMIT) : null;
    const document = text === null ? null : schema.safeParse(await parseToml(text));
    if (document === null || !document.success) return sofar;
    const { network_dir, plugin_dirs, cni_default_network } = document.data.crio.network;
    return {
      confDir: network_dir ?? sofar.confDir,
      binDirs: plugin_dirs ?? sofar.binDirs,
      defaultNetwork: cni_default_network === '' ? null : (cni_default_network ?? sofar.defaultNetwork),
    };
  }, Promise.resolve(found));
}
