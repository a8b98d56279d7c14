import type { Role } from '../../plan/settings.ts';

/** Names of groups, `-` and `_` being one: Kubespray's, those that it had before, and what others call the same. */
const GROUPS: Readonly<Record<Role, readonly string[]>> = {
  'control-plane': ['kube_control_plane', 'control_plane', 'controlplane', 'kube_master', 'masters', 'master'],
  worker: ['kube_node', 'kube_worker', 'workers', 'worker'],
  etcd: ['etcd'],
};

/** What a host of these groups is to be. */
export function rolesOfGroups(groups: readonly string[]): Role[] {
  const names = groups.map((name) => name.toLowerCase().replaceAll('-', '_'));
  return (['control-plane', 'worker', 'etcd'] as const).filter((role) =>
    GROUPS[role].some((name) => names.includes(name)),
  );
}

/** For messages. */
export const ROLE_GROUPS = 'kube_control_plane, kube_node and etcd';
