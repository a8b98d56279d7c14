/** Network namespaces that runtimes bind for pods: containerd's and CRI-O's `cni-` and a UUID, or a bare one of CRI-O's. */
export function isNamespaceOfRuntime(name: string): boolean {
  return /^(?:cni-)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name);
}

/**
 * The UID of the pod that a process belongs to, from /proc/PID/cgroup; of a static pod it is a hash. Null for a process that no kubelet
 * started: pkg/kubelet/cm/pod_container_manager_linux.go, by both of its cgroup drivers. To who has a cgroup namespace, as most containers have, the
 * path is told from its own cgroup on, with `/..` for what is above that.
 */
export function podOfCgroup(cgroup: string): string | null {
  const found =
    /\/(?:kubepods|\.\.\/)[^\n]*[/-]pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice)?(?:\/|$)/m.exec(
      cgroup,
    );
  return found?.[1]?.replaceAll('_', '-') ?? null;
}
