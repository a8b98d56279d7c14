import { EXTERNAL_ETCD_KEYS } from './external-etcd.ts';
import { KUBELET_CONFIGURATION_KEYS } from './kubelet-configuration.ts';
import { OPTIONS } from './options/options.ts';
import { configurationKey, type Option, type Written } from './options/option.ts';
import type { Plan } from './settings.ts';
import { WAIVER_KEYS } from './waivers.ts';

/** The plan as a seaworthy.yaml that reads back to the same plan: what was said as keys, the defaults as comments. */
export function effectiveConfiguration(plan: Plan): string {
  const shown = OPTIONS.filter(({ name, sources }) => sources.includes('configuration') && name !== 'json');
  return [
    '# The effective configuration of seaworthy, each value with where it came from.',
    '# What is a comment holds by default; a join line is without its token.',
    ...shown.flatMap((option) => ['', ...entry(option, plan)]),
    '',
    ...externalEtcdEntry(plan),
    '',
    ...kubeletConfigurationEntry(plan),
    '',
    ...waiverEntries(plan),
    '',
  ].join('\n');
}

function entry(option: Option, { settings, origins }: Plan): string[] {
  const help = `# ${option.help}${option.allowed === null ? '' : `: ${option.allowed.join(', ')}`}`;
  const key = configurationKey(option);
  const origin = origins[option.setting];
  const value = option.write(settings);
  if (origin === 'default')
    return [help, value === null ? `# ${key}: # not said` : `# ${key}: ${yaml(value)} # default`];
  return [help, `${key}: ${value === null ? '[]' : yaml(value)} # ${origin}`];
}

function externalEtcdEntry({ settings: { externalEtcd }, origins }: Plan): string[] {
  const help = '# an etcd that kubeadm does not run';
  if (externalEtcd === null) return [help, '# externalEtcd: # not said'];
  return [
    help,
    `externalEtcd: # ${origins.externalEtcd}`,
    ...EXTERNAL_ETCD_KEYS.flatMap((key) => {
      const value = externalEtcd[key];
      return value === null ? [] : [`  ${key}: ${yaml(value)}`];
    }),
  ];
}

function kubeletConfigurationEntry({ settings: { kubeletConfiguration }, origins }: Plan): string[] {
  const help = '# what the KubeletConfiguration that kubeadm is given says';
  if (kubeletConfiguration === null) return [help, '# kubeletConfiguration: # not said'];
  const said = KUBELET_CONFIGURATION_KEYS.flatMap((key) => {
    const value = kubeletConfiguration[key];
    return value === null ? [] : [`  ${key}: ${yaml(value)}`];
  });
  const nothing = said.length === 0 ? ' {}' : '';
  return [help, `kubeletConfiguration:${nothing} # ${origins.kubeletConfiguration}`, ...said];
}

function waiverEntries({ settings: { waivers }, origins }: Plan): string[] {
  const help = '# fails that are known and allowed';
  if (origins.waivers === 'default') return [help, '# waivers: # not said'];
  const items = waivers.flatMap((waiver) => {
    const said = WAIVER_KEYS.flatMap((key) => {
      const value = waiver[key];
      return value === null || value.length === 0 ? [] : [`    ${key}: ${yaml(value)}`];
    });
    return said.map((line, index) => (index === 0 ? line.replace('    ', '  - ') : line));
  });
  return [help, `waivers:${waivers.length === 0 ? ' []' : ''} # ${origins.waivers}`, ...items];
}

function yaml(value: Exclude<Written, null>): string {
  if (typeof value === 'string') return scalar(value);
  if (typeof value === 'object') return `[${value.map(scalar).join(', ')}]`;
  return String(value);
}

/** Plain where that is unmistakable, else a JSON string, which YAML reads the same once its oddest characters are escaped. */
function scalar(text: string): string {
  if (/^\/?[A-Za-z][\w./-]*$/.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text)) return text;
  return JSON.stringify(text).replaceAll(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
