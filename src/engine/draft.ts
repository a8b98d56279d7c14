import type { AnyDraft } from './check.ts';

/**
 * The types of a check do not bind a plugin: what its judge gives is looked at before it becomes part of a report. Each of these throws an Error that
 * goes on after "The check itself failed: ".
 */

export function requireList(returned: unknown): void {
  if (returned instanceof Promise) {
    // That it may be rejected later is nobody's concern any more.
    returned.catch(() => undefined);
    throw new Error('it returned a promise, and no list of findings');
  }
  if (!Array.isArray(returned)) throw new Error('it returned no list of findings');
}

/** That a finding between nodes names some. */
export function requireNodes(draft: unknown): void {
  if (!isObject(draft)) throw new Error('its finding is no object');
  if (!isTexts(draft['nodes'])) throw new Error('its finding has no list of nodes');
}

/** That what the report says of a finding is of the shape that the report promises. */
export function requireDraft(draft: AnyDraft): void {
  const given: unknown = draft;
  if (!isObject(given)) throw new Error('its finding is no object');
  for (const field of ['reason', 'subject', 'message']) {
    if (typeof given[field] !== 'string') throw new Error(`its finding has no ${field}`);
  }
  const wrong = Object.entries(OPTIONAL).find(([field, fits]) => given[field] !== undefined && !fits(given[field]));
  if (wrong !== undefined) throw new Error(`the ${wrong[0]} of its finding is not what it has to be`);
}

const OPTIONAL: Readonly<Record<string, (value: unknown) => boolean>> = {
  why: isText,
  expected: isText,
  actual: isText,
  evidence: (value) => isObject(value) && isWritable(value),
  probe: (value) => isObject(value) && isWritable(value),
  kubeadm: (value) => value === null || isText(value),
  onlyFor: (value) => value === 'control-plane' || value === 'worker' || value === 'etcd',
  remedy: (value) =>
    isObject(value) && isText(value['text']) && (value['commands'] === undefined || isTexts(value['commands'])),
};

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** As JSON: neither a circle nor a bigint. */
function isWritable(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}
