import type { NetworkList, PluginConfig } from '../kubernetes/cni/config-list.ts';
import type { Attachment } from './attachment.ts';
import type { RawResult } from './result.ts';

/** Keys that belong to the runtime; in a file they mean nothing. `capabilities` says what the runtime may hand over, and is not handed on. */
const RESERVED = new Set(['prevResult', 'runtimeConfig', 'args', 'capabilities']);

/**
 * What one plugin of a chain gets on its standard input: its object as the file has it, unknown keys included, under the chain's name and
 * version. https://www.cni.dev/docs/spec/#deriving-execution-configuration-from-plugin-configuration
 */
export function pluginInput(
  { name, version }: NetworkList,
  { raw, capabilities }: PluginConfig,
  attachment: Attachment | null,
  prevResult: RawResult | null,
): string {
  const own = Object.entries(raw).filter(([key]) => !RESERVED.has(key) && !key.startsWith('cni.dev/'));
  const data = attachment?.capabilities ?? {};
  const runtimeConfig = capabilities.filter((capability) => Object.hasOwn(data, capability));
  return JSON.stringify({
    ...Object.fromEntries(own),
    name,
    cniVersion: version,
    ...(prevResult === null ? {} : { prevResult }),
    ...(runtimeConfig.length === 0
      ? {}
      : { runtimeConfig: Object.fromEntries(runtimeConfig.map((capability) => [capability, data[capability]])) }),
  });
}
