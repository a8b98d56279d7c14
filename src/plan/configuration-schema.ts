import * as z from 'zod';
import { OPTIONS, configurationKey, type Option } from './options.ts';
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
          endpoints: z.array(z.string()).min(1).describe('URLs, such as https://10.0.0.21:2379'),
          caFile: z.string().nullish().describe('the authority of its servers, PEM'),
          certFile: z.string().nullish().describe('the certificate of the API server for it, PEM'),
          keyFile: z.string().nullish().describe('the key of that certificate, PEM'),
        })
        .nullish()
        .describe('an etcd that kubeadm does not run; files are on the machine that is checked'),
      kubeletConfiguration: z
        .strictObject({
          failSwapOn: z.boolean().nullish().describe('the kubelet does not start where there is swap'),
          cgroupDriver: z.string().nullish().describe('systemd or cgroupfs'),
          failCgroupV1: z
            .boolean()
            .nullish()
            .describe('the kubelet does not start where cgroups are those of version 1'),
          resolvConf: z.string().nullish().describe('the file from which pods get their name servers'),
        })
        .nullish()
        .describe('what the KubeletConfiguration that kubeadm is given says'),
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
