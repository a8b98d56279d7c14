import * as path from 'node:path';
import type { System } from '../system/system.ts';

/** A certificate with its chain, a key, a token: kilobytes. Bytes. */
const LIMIT = 256 * 1024;

/** Files are named relative to the kubeconfig that names them, as kubectl has it. */
export function besideKubeconfig(kubeconfig: string, file: string): string {
  return path.resolve(path.dirname(path.resolve(kubeconfig)), file);
}

/** Throws a SystemError, which names the file and nothing that is in it. */
export async function readSecret(system: System, file: string): Promise<string> {
  return system.readText(file, LIMIT);
}
