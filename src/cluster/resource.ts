/** A kind of object of the API, as paths and RBAC rules name it. */
export interface Resource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** In the plural: `nodes`. */
  readonly name: string;
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris */
export function pathOf({ group, version, name }: Resource, namespace: string | null = null): string {
  const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return namespace === null ? `${base}/${name}` : `${base}/namespaces/${namespace}/${name}`;
}

/** The rule of a Role or ClusterRole that allows it. */
export function ruleOf({ group, name }: Resource, verb: 'get' | 'list'): string {
  return `apiGroups: ["${group}"], resources: ["${name}"], verbs: ["${verb}"]`;
}
