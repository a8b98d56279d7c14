/** One interface of one pod: what every call for it is told. */
export interface Attachment {
  readonly containerId: string;
  /** The path of the pod's network namespace; empty when it is gone, which only DEL takes. */
  readonly netns: string;
  readonly ifname: string;
  /** CNI_ARGS. */
  readonly args: Readonly<Record<string, string>>;
  /** Data for the capabilities of plugins, by name: `portMappings`, `bandwidth` … */
  readonly capabilities: Readonly<Record<string, unknown>>;
}

export type Verb = 'ADD' | 'CHECK' | 'DEL' | 'STATUS';

/** What no plugin may be handed, by the rules of https://www.cni.dev/docs/spec/#parameters; null when all is well. */
export function faultOfAttachment({ containerId, netns, ifname, args }: Attachment): string | null {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(containerId)) return 'the container id is not one';
  if (!/^[^\s/:\0]{1,15}$/.test(ifname) || ifname === '.' || ifname === '..')
    return 'the name of the interface is not one';
  if (netns !== '' && (!netns.startsWith('/') || netns.includes('\0')))
    return 'the network namespace is no absolute path';
  const odd = Object.entries(args).some(([key, value]) => !/^[^=;\0]+$/.test(key) || /[;\0]/.test(value));
  return odd ? 'the arguments cannot be told in CNI_ARGS' : null;
}

/** All six are always given, as libcni does; a call about no pod gives empty ones. */
export function parameters(
  verb: Verb,
  attachment: Attachment | null,
  binDirs: readonly string[],
): Record<string, string> {
  const args = Object.entries(attachment?.args ?? {}).map((pair) => pair.join('='));
  return {
    CNI_COMMAND: verb,
    CNI_CONTAINERID: attachment?.containerId ?? '',
    CNI_NETNS: attachment?.netns ?? '',
    CNI_IFNAME: attachment?.ifname ?? '',
    CNI_ARGS: args.join(';'),
    CNI_PATH: binDirs.join(':'),
  };
}
