import * as z from 'zod';
import { OPTIONS, configurationKey, type Option } from './options.ts';

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
          endpoints: z.array(z.string()).min(1).describe('URLs, such as https://10.0.0.21:2379'),
          caFile: z.string().nullish(),
          certFile: z.string().nullish(),
          keyFile: z.string().nullish(),
        })
        .nullish()
        .describe('an etcd that kubeadm does not run; files are on the machine that is checked'),
      kubeletConfiguration: z
        .strictObject({
          failSwapOn: z.boolean().nullish(),
          cgroupDriver: z.string().nullish(),
          failCgroupV1: z.boolean().nullish(),
          resolvConf: z.string().nullish(),
        })
        .nullish()
        .describe('what the KubeletConfiguration that kubeadm is given says'),
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
