import * as z from 'zod';
import { externalEtcdHelp, kubeletConfigurationHelp } from './nested-settings.ts';
import { OPTIONS } from './options/options.ts';
import { configurationKey, type Option } from './options/option.ts';
import { waiversSchema } from './waivers.ts';

/** What seaworthy.yaml may hold, by the table of options; unknown keys are errors. */
export function configurationSchema() {
  const entries = OPTIONS.filter(({ sources }) => sources.includes('configuration'));
  return z
    .strictObject({
      ...Object.fromEntries(
        entries.map((option) => [configurationKey(option), valueSchema(option).nullish().describe(option.help)]),
      ),
      externalEtcd: z
        .strictObject({
          endpoints: z.array(z.string()).min(1).describe(externalEtcdHelp.endpoints),
          caFile: z.string().nullish().describe(externalEtcdHelp.caFile),
          certFile: z.string().nullish().describe(externalEtcdHelp.certFile),
          keyFile: z.string().nullish().describe(externalEtcdHelp.keyFile),
        })
        .nullish()
        .describe(externalEtcdHelp.all),
      kubeletConfiguration: z
        .strictObject({
          failSwapOn: z.boolean().nullish().describe(kubeletConfigurationHelp.failSwapOn),
          cgroupDriver: z.string().nullish().describe(kubeletConfigurationHelp.cgroupDriver),
          failCgroupV1: z.boolean().nullish().describe(kubeletConfigurationHelp.failCgroupV1),
          resolvConf: z.string().nullish().describe(kubeletConfigurationHelp.resolvConf),
        })
        .nullish()
        .describe(kubeletConfigurationHelp.all),
      waivers: waiversSchema()
        .nullish()
        .describe('fails that are known and allowed: they become warnings, with why. Said here alone'),
    })
    .describe('seaworthy.yaml');
}

/** The shape alone: what a value must be is the option's own parser's to say. */
function valueSchema(option: Option) {
  if (option.hint === null) return z.boolean();
  const examples = option.allowed === null ? {} : { examples: [...option.allowed] };
  const one = z.union([z.string(), z.number()]).meta(examples);
  return option.repeatable === false ? one : z.union([one, z.array(one)]);
}
