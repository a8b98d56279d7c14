import { createHash } from 'node:crypto';
import {
  CHAIN_NAME_LENGTH,
  POD_CHAIN_PREFIXES,
  SHAPER_NAME_LENGTH,
  SHAPER_PREFIX,
} from '../../kubernetes/cni/traces.ts';

/** Names that the reference plugins make of a network and a container: utils.FormatChainName and utils.MustFormatHashWithPrefix of their repository. */
export function chainsOf(network: string, containerId: string): string[] {
  return POD_CHAIN_PREFIXES.map((prefix) => hashed(prefix, network, containerId, CHAIN_NAME_LENGTH));
}

export function shaperOf(network: string, containerId: string): string {
  return hashed(SHAPER_PREFIX, network, containerId, SHAPER_NAME_LENGTH);
}

function hashed(prefix: string, network: string, containerId: string, length: number): string {
  return `${prefix}${createHash('sha512').update(`${network}${containerId}`).digest('hex')}`.slice(0, length);
}
