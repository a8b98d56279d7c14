import * as z from 'zod';
import { nearest } from '../values/nearest.ts';
import { configurationSchema } from './configuration-schema.ts';
import { BadValue, PlanError, quoted } from './errors.ts';
import { EXTERNAL_ETCD_KEYS, toExternalEtcd } from './external-etcd.ts';
import { kubeadmSettings } from './kubeadm.ts';
import { KUBELET_CONFIGURATION_KEYS, toKubeletConfiguration } from './kubelet-configuration.ts';
import { layerOf, type Layer } from './layers.ts';
import { OPTIONS } from './options/options.ts';
import { configurationKey } from './options/option.ts';
import { toWaiver, WAIVER_KEYS } from './waivers.ts';
import { yamlDocuments, type YamlDocument } from './yaml-documents.ts';

/** What a --config file says: kubeadm's documents first, seaworthy's own over them. */
export async function configurationLayers(
  text: string,
  name: string,
  warn: (sentence: string) => void,
): Promise<Layer[]> {
  const documents = await yamlDocuments(text, name);
  const kinds = z.looseObject({ apiVersion: z.string(), kind: z.string() });
  const own: YamlDocument[] = [];
  const theirs: { readonly document: YamlDocument; readonly apiVersion: string; readonly kind: string }[] = [];
  for (const document of documents) {
    if (!z.looseObject({}).safeParse(document.value).success) {
      throw new PlanError('bad-document', document.at([]), 'must be keys and values, as in "role: worker"');
    }
    const kind = kinds.safeParse(document.value);
    if (kind.success) theirs.push({ document, apiVersion: kind.data.apiVersion, kind: kind.data.kind });
    else own.push(document);
  }
  const [first, second] = own;
  if (second !== undefined)
    throw new PlanError('bad-document', second.at([]), 'is a second document of seaworthy; one is allowed');
  return [
    { origin: 'kubeadm configuration', settings: kubeadmSettings(theirs, name, warn) },
    ...(first === undefined ? [] : ownLayers(first)),
  ];
}

function ownLayers(document: YamlDocument): Layer[] {
  const schema = configurationSchema();
  const parsed = schema.safeParse(document.value);
  if (!parsed.success) throw shapeError(document, parsed.error);
  const layers = OPTIONS.flatMap((option) => {
    const key = configurationKey(option);
    const value: unknown = Object.entries(parsed.data).find(([name]) => name === key)?.[1];
    if (value === null || value === undefined || !option.sources.includes('configuration')) return [];
    const texts = (Array.isArray(value) ? value : [value]).map(String);
    return layerOf(option, texts, 'configuration', `${document.at([key])} ${key}`);
  });
  const { externalEtcd: given, kubeletConfiguration: kubelet, waivers } = parsed.data;
  if (kubelet !== null && kubelet !== undefined)
    layers.push({ origin: 'configuration', settings: { kubeletConfiguration: toKubeletConfiguration(kubelet) } });
  if (waivers !== null && waivers !== undefined) {
    const all = waivers.map((waiver, index) =>
      placed(document, ['waivers', index], (place) => toWaiver(waiver, place)),
    );
    layers.push({ origin: 'configuration', settings: { waivers: all } });
  }
  if (given === null || given === undefined) return layers;
  const externalEtcd = placed(document, ['externalEtcd'], () => toExternalEtcd(given));
  return [...layers, { origin: 'configuration', settings: { etcd: 'external', externalEtcd } }];
}

/** What a parser has to say against a value, with where that stands. */
function placed<T>(document: YamlDocument, path: readonly (string | number)[], parse: (place: string) => T): T {
  const place = document.at(path);
  try {
    return parse(place);
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    throw new PlanError('bad-value', `${place} ${path.join('.')}`, error.message, error);
  }
}

function shapeError(document: YamlDocument, { issues }: z.ZodError): PlanError {
  const [issue] = issues;
  const path = issue?.path ?? [];
  if (issue?.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const keys = nestedKeys(path[0]) ?? Object.keys(configurationSchema().shape);
    return new PlanError('unknown-key', document.at([...path, key]), `${quoted(key)} is no key of seaworthy.yaml`, {
      allowed: keys.join(', '),
      nearest: nearest(key, keys),
    });
  }
  return new PlanError('bad-value', `${document.at(path)} ${path.join('.')}`, `must be ${shapeOf(path)}`);
}

function nestedKeys(key: PropertyKey | undefined): readonly string[] | null {
  if (key === 'kubeletConfiguration') return KUBELET_CONFIGURATION_KEYS;
  if (key === 'waivers') return WAIVER_KEYS;
  return key === 'externalEtcd' ? EXTERNAL_ETCD_KEYS : null;
}

function shapeOf([key, , field]: readonly PropertyKey[]): string {
  const option = OPTIONS.find((each) => configurationKey(each) === key);
  if (key === 'kubeletConfiguration')
    return `keys and values as a KubeletConfiguration has them, of ${KUBELET_CONFIGURATION_KEYS.join(', ')}`;
  if (key === 'waivers')
    return WAIVER_SHAPES[String(field)] ?? 'a list of waivers, each with subject, why, and check or reason';
  if (option === undefined)
    return `a list of endpoints, and names of files as ${EXTERNAL_ETCD_KEYS.slice(1).join(', ')}`;
  if (option.hint === null) return 'true or false';
  return option.repeatable === false ? 'a single value' : 'a value or a list of values';
}

/** What a field of a waiver has to be, the two that have to be there among them. */
const WAIVER_SHAPES: Readonly<Record<string, string>> = {
  check: 'the id of a check',
  reason: 'a reason of a check',
  subject: 'there: the subject of what may fail; "*" stands for any',
  nodes: 'a name or a list of names',
  why: 'there: a sentence that says why it may fail',
  until: 'a day, such as 2026-12-31',
};
