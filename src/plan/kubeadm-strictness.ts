import { EXTRA_ARGUMENTS, KUBEADM_KEYS, NETWORKING_KEYS } from '../kubernetes/kubeadm-configuration.ts';
import { nearest } from '../values/nearest.ts';
import { PlanError, quoted } from './errors.ts';
import type { KindDocument } from './kind-document.ts';

/** kubeadm cannot read arguments in the form of another version. */
export function requireFormOfArguments({ document, apiVersion }: KindDocument): void {
  const list = apiVersion.endsWith('/v1beta4');
  for (const path of EXTRA_ARGUMENTS) {
    const given = path.reduce(memberOf, document.value);
    if (typeof given !== 'object' || given === null || Array.isArray(given) === list) continue;
    throw new PlanError(
      'bad-value',
      `${document.at(path)} ${path.join('.')}`,
      list
        ? 'must be a list of name and value in v1beta4; keys and values are the form of v1beta3'
        : 'must be keys and values; a list of name and value is the form of v1beta4',
    );
  }
}

/** A sentence for each key that no version of kubeadm has there: kubeadm itself warns of it and goes on without. */
export function unknownKeys({ document, kind }: KindDocument): string[] {
  const known = KUBEADM_KEYS[kind];
  if (known === undefined) return [];
  const networking = kind === 'ClusterConfiguration' ? memberOf(document.value, 'networking') : null;
  const said = (path: readonly string[], allowed: readonly string[]) => {
    const key = path.at(-1) ?? '';
    const meant = nearest(key, allowed);
    const hint = meant === null ? '' : ` (did you mean ${meant}?)`;
    return `${document.at(path)}: kubeadm passes over ${quoted(key)}, which a ${kind} does not have there${hint}`;
  };
  return [
    ...keysOf(document.value)
      .filter((key) => !['apiVersion', 'kind', ...known].includes(key))
      .map((key) => said([key], known)),
    ...keysOf(networking)
      .filter((key) => !NETWORKING_KEYS.some((each) => each === key))
      .map((key) => said(['networking', key], NETWORKING_KEYS)),
  ];
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined;
}

function keysOf(value: unknown): string[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
}
