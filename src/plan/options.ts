import { addOns } from '../kubernetes/add-ons.ts';
import { formatDuration } from '../values/duration.ts';
import { FORMAT_NAMES } from '../values/format-names.ts';
import { formatPortRange } from '../values/port-range.ts';
import { formatJoin, parseJoin } from './join.ts';
import { formatListen, toListen } from './listen-address.ts';
import { peerNames } from './peer-name.ts';
import { ROLES, type Settings } from './settings.ts';
import {
  durationBetween,
  ignoredNames,
  integerBetween,
  oneOf,
  oneOfEachFamily,
  outputTarget,
  podCidrs,
  serviceCidrs,
  toAbsolutePath,
  toBoolean,
  toEndpoint,
  toFactsFile,
  toKubernetesVersion,
  toNodeIp,
  toNodeName,
  toPort,
  toPortRange,
  toText,
  unique,
} from './value-parsers.ts';

export type CommandName =
  | 'check'
  | 'listen'
  | 'mesh'
  | 'serve'
  | 'facts'
  | 'compare'
  | 'diff'
  | 'config'
  | 'list'
  | 'explain'
  | 'schema'
  | 'token'
  | 'completion';

/** A value as seaworthy.yaml writes it; null when there is nothing to write. */
export type Written = string | number | boolean | readonly string[] | null;

/** One thing that a user can say, in all the places where it can be said. */
export interface Option {
  /** Without dashes: `node-port-range` is --node-port-range, SEAWORTHY_NODE_PORT_RANGE and nodePortRange. */
  readonly name: string;
  readonly short: string | null;
  /** The setting that it sets. */
  readonly setting: keyof Settings;
  /** What stands for the value in help, in brackets where none need follow; null for a switch, which takes none. */
  readonly hint: string | null;
  /** `values` may also be separated by commas; `paths` only in the environment. */
  readonly repeatable: false | 'values' | 'paths';
  readonly allowed: readonly string[] | null;
  /** What it means on the command line where no allowed value follows; null where one has to. */
  readonly alone: string | null;
  readonly help: string;
  readonly commands: readonly CommandName[];
  /** Where it can be said. */
  readonly sources: readonly OptionSource[];
  /** One text for each value that was given; throws a BadValue. */
  readonly parse: (texts: readonly string[]) => Partial<Settings>;
  /** What it tells of other settings, weaker than what is said of them. */
  readonly implies: ((texts: readonly string[]) => Partial<Settings>) | null;
  /** Its value appears in no message. */
  readonly secret: boolean;
  /** Back from the settings, so that `parse` gives the same. */
  readonly write: (settings: Settings) => Written;
}

type OptionSource = 'flag' | 'environment' | 'configuration';

const EVERYWHERE = ['flag', 'environment', 'configuration'] as const;
/** Commands that look at a machine or judge what was seen of one. */
const MACHINE = ['check', 'serve', 'facts', 'compare', 'config'] as const;
/** What is true of one machine, and said where it is. */
const ONE_MACHINE = [...MACHINE, 'listen'] as const;
/** What is true of all machines of a cluster. */
const CLUSTER = [...MACHINE, 'mesh'] as const;
const PEERED = ['check', 'mesh', 'serve', 'config'] as const;
const SERVING = ['serve', 'config'] as const;
const LISTENING = ['listen', 'config'] as const;
const MESHING = ['mesh', 'config'] as const;
/** Where pods may take part. */
const WITH_PODS = ['check', 'mesh', 'serve', 'listen', 'config'] as const;
const READING = ['check', 'mesh', 'serve', 'facts', 'config'] as const;
const JUDGING = ['check', 'mesh', 'serve', 'compare', 'config'] as const;
/** Commands that print something found. */
const REPORTING = ['check', 'mesh', 'compare', 'config', 'diff'] as const;
const CATALOGUE = ['check', 'mesh', 'facts', 'compare', 'config', 'list', 'explain', 'schema'] as const;

const STAGES = ['fresh', 'joined'] as const;
const ETCD = ['stacked', 'external'] as const;
const FAIL_ON = ['fail', 'unknown', 'warn'] as const;
const PODS = ['throw-away', 'existing'] as const;
const PROXY_MODES = ['iptables', 'ipvs', 'nftables'] as const;
const ADD_ONS = Object.keys(addOns);

type Given = Pick<Option, 'name' | 'setting' | 'hint' | 'help' | 'commands' | 'parse' | 'write'>;

/** A plain option; what it leaves out is the usual. */
function option(given: Given & Partial<Option>): Option {
  return {
    short: null,
    repeatable: false,
    allowed: null,
    alone: null,
    sources: EVERYWHERE,
    implies: null,
    secret: false,
    ...given,
  };
}

/** An option that takes no value on the command line. */
function onOff(
  given: Omit<Given, 'hint' | 'parse'> & Pick<Partial<Option>, 'short'>,
  set: (on: boolean) => Partial<Settings>,
): Option {
  return option({ ...given, hint: null, parse: (texts) => set(toBoolean(last(texts))) });
}

/** Said twice, the last one counts. */
function last(texts: readonly string[]): string {
  return texts.at(-1) ?? '';
}

/** In the order of help and of `seaworthy config`. */
export const OPTIONS: readonly Option[] = [
  option({
    name: 'role',
    setting: 'role',
    hint: 'ROLE',
    repeatable: 'values',
    allowed: ROLES,
    help: 'what this node is to be; the union of all when nobody says and nothing on disk tells',
    commands: ONE_MACHINE,
    parse: (texts) => ({ role: unique(texts.map(oneOf(ROLES))) }),
    write: ({ role }) => list(role),
  }),
  option({
    name: 'stage',
    setting: 'stage',
    hint: 'STAGE',
    allowed: STAGES,
    help: 'before init or join (fresh), or after (joined); seen on disk unless said',
    commands: MACHINE,
    parse: (texts) => ({ stage: oneOf(STAGES)(last(texts)) }),
    write: ({ stage }) => stage,
  }),
  option({
    name: 'kubernetes-version',
    setting: 'kubernetesVersion',
    hint: 'VERSION',
    help: 'the version of Kubernetes to judge for',
    commands: [...CLUSTER, 'listen'],
    parse: (texts) => ({ kubernetesVersion: toKubernetesVersion(last(texts)) }),
    write: ({ kubernetesVersion }) => kubernetesVersion,
  }),
  option({
    name: 'cni',
    setting: 'cni',
    hint: 'NAME',
    allowed: ADD_ONS,
    help: 'the network add-on, with its mode',
    commands: [...CLUSTER, 'listen'],
    parse: (texts) => ({ cni: oneOf(ADD_ONS)(last(texts)) }),
    write: ({ cni }) => cni,
  }),
  option({
    name: 'pod-cidr',
    setting: 'podCidr',
    hint: 'CIDR',
    repeatable: 'values',
    help: 'network of the pods; two for dual stack',
    commands: CLUSTER,
    parse: (texts) => ({ podCidr: podCidrs(texts) }),
    write: ({ podCidr }) => list(podCidr),
  }),
  option({
    name: 'service-cidr',
    setting: 'serviceCidr',
    hint: 'CIDR',
    repeatable: 'values',
    help: 'network of the Services; two for dual stack',
    commands: CLUSTER,
    parse: (texts) => ({ serviceCidr: serviceCidrs(texts) }),
    write: ({ serviceCidr }) => list(serviceCidr),
  }),
  option({
    name: 'node-port-range',
    setting: 'nodePortRange',
    hint: 'FIRST-LAST',
    help: 'ports of Services of type NodePort',
    commands: CLUSTER,
    parse: (texts) => ({ nodePortRange: toPortRange(last(texts)) }),
    write: ({ nodePortRange }) => formatPortRange(nodePortRange),
  }),
  option({
    name: 'cni-conf-dir',
    setting: 'cniConfDir',
    hint: 'DIR',
    help: 'where the runtime looks for network configurations',
    commands: ONE_MACHINE,
    parse: (texts) => ({ cniConfDir: toAbsolutePath(last(texts)) }),
    write: ({ cniConfDir }) => cniConfDir,
  }),
  option({
    name: 'cni-bin-dir',
    setting: 'cniBinDir',
    hint: 'DIR',
    help: 'where the runtime looks for network plugins',
    commands: ONE_MACHINE,
    parse: (texts) => ({ cniBinDir: toAbsolutePath(last(texts)) }),
    write: ({ cniBinDir }) => cniBinDir,
  }),
  option({
    name: 'cri-socket',
    setting: 'criSocket',
    hint: 'PATH',
    help: 'socket of the container runtime; found unless said',
    commands: ONE_MACHINE,
    parse: (texts) => ({ criSocket: toAbsolutePath(last(texts)) }),
    write: ({ criSocket }) => criSocket,
  }),
  option({
    name: 'node-ip',
    setting: 'nodeIp',
    hint: 'IP',
    repeatable: 'values',
    help: 'address of this node in the cluster; one of each family for dual stack',
    commands: ONE_MACHINE,
    parse: (texts) => ({ nodeIp: oneOfEachFamily(unique(texts.map(toNodeIp))) }),
    write: ({ nodeIp }) => list(nodeIp),
  }),
  option({
    name: 'node-name',
    setting: 'nodeName',
    hint: 'NAME',
    help: 'name of this node in the cluster; the host name unless said',
    commands: ONE_MACHINE,
    parse: (texts) => ({ nodeName: toNodeName(last(texts)) }),
    write: ({ nodeName }) => nodeName,
  }),
  option({
    name: 'control-plane-endpoint',
    setting: 'controlPlaneEndpoint',
    hint: 'HOST:PORT',
    help: 'where nodes reach the API server; a load balancer where there is one',
    commands: CLUSTER,
    parse: (texts) => ({ controlPlaneEndpoint: toEndpoint(last(texts), 6443) }),
    write: ({ controlPlaneEndpoint }) => controlPlaneEndpoint,
  }),
  option({
    name: 'etcd',
    setting: 'etcd',
    hint: 'KIND',
    allowed: ETCD,
    help: 'whether control planes run etcd themselves',
    commands: CLUSTER,
    parse: (texts) => ({ etcd: oneOf(ETCD)(last(texts)) }),
    write: ({ etcd }) => etcd,
  }),
  option({
    name: 'join',
    setting: 'join',
    hint: 'COMMAND',
    help: 'the whole "kubeadm join …" line, in quotes; - reads it from standard input',
    commands: MACHINE,
    secret: true,
    parse: (texts) => ({ join: parseJoin(last(texts)).join }),
    implies: (texts) => parseJoin(last(texts)).implied,
    write: ({ join }) => (join === null ? null : formatJoin(join)),
  }),
  option({
    name: 'kubeconfig',
    setting: 'kubeconfig',
    hint: 'FILE',
    help: 'leads to a running cluster, whose nodes, pods and networks are read, or in-cluster for that of this pod; with a token its nodes are peers, of serve the next ten on a ring',
    commands: READING,
    parse: (texts) => ({ kubeconfig: toText(last(texts)) }),
    write: ({ kubeconfig }) => kubeconfig,
  }),
  option({
    name: 'peer',
    setting: 'peers',
    hint: '[ROLE@]HOST[:PORT]',
    repeatable: 'values',
    help: 'another machine, which runs seaworthy listen: packets are sent both ways',
    commands: PEERED,
    parse: (texts) => ({ peers: peerNames(texts) }),
    write: ({ peers }) => list(peers.map(({ text }) => text)),
  }),
  onOff(
    {
      name: 'ssh',
      setting: 'ssh',
      help: 'reach the peers over ssh, and start seaworthy on them: nothing has to listen or to be installed there',
      commands: MESHING,
      write: ({ ssh }) => ssh,
    },
    (ssh) => ({ ssh }),
  ),
  option({
    name: 'inventory',
    setting: 'inventory',
    hint: 'FILE',
    help: "an inventory of Ansible's (INI, or YAML as .yaml) instead of --peer, for --ssh: its groups tell the roles",
    commands: MESHING,
    parse: (texts) => ({ inventory: toText(last(texts)) }),
    write: ({ inventory }) => inventory,
  }),
  option({
    name: 'wait',
    setting: 'wait',
    hint: 'DURATION',
    help: 'how long to wait for peers that are yet to come up',
    commands: ['check', 'mesh', 'config'],
    parse: (texts) => ({ wait: durationBetween(0, 86_400_000, '0 to 24h, such as 5m')(last(texts)) }),
    write: ({ wait }) => formatDuration(wait),
  }),
  option({
    name: 'token-file',
    setting: 'tokenFile',
    hint: 'FILE',
    help: 'holds the token that all machines of a run share; the variable SEAWORTHY_TOKEN holds the token itself',
    commands: ['check', 'listen', 'mesh', 'serve', 'config'],
    parse: (texts) => ({ tokenFile: toText(last(texts)) }),
    write: ({ tokenFile }) => tokenFile,
  }),
  option({
    name: 'listen',
    setting: 'listen',
    hint: '[ADDR]:PORT',
    help: 'where to listen, without an address on all of them; unless said, a peer on :10777 and serve on 127.0.0.1:10778',
    commands: ['listen', 'serve', 'config'],
    parse: (texts) => ({ listen: toListen(last(texts)) }),
    write: ({ listen }) => (listen === null ? null : formatListen(listen)),
  }),
  onOff(
    {
      name: 'stdio',
      setting: 'stdio',
      help: 'speak over standard input and output instead of a port, without a token, until the input ends: mesh --ssh starts it so',
      commands: LISTENING,
      write: ({ stdio }) => stdio,
    },
    (stdio) => ({ stdio }),
  ),
  option({
    name: 'for',
    setting: 'listenFor',
    hint: 'DURATION',
    help: 'how long to listen; until a signal comes unless said',
    commands: LISTENING,
    // A timer of Node holds 24 days.
    parse: (texts) => ({ listenFor: durationBetween(100, 480 * 3_600_000, '100ms to 480h, such as 10m')(last(texts)) }),
    write: ({ listenFor }) => (listenFor === null ? null : formatDuration(listenFor)),
  }),
  option({
    name: 'interval',
    setting: 'interval',
    hint: 'DURATION',
    help: 'from the start of one run to the next; a run that takes longer leaves some out',
    commands: SERVING,
    parse: (texts) => ({ interval: durationBetween(10, 86_400_000, '10ms to 24h, such as 60s')(last(texts)) }),
    write: ({ interval }) => formatDuration(interval),
  }),
  onOff(
    {
      name: 'allow-remote',
      setting: 'allowRemote',
      help: 'serve on an address that other machines reach: whoever does reads the whole report, without a password',
      commands: SERVING,
      write: ({ allowRemote }) => allowRemote,
    },
    (allowRemote) => ({ allowRemote }),
  ),
  option({
    name: 'api-server-port',
    setting: 'apiServerPort',
    hint: 'PORT',
    help: 'port of the API server on this node',
    commands: MACHINE,
    sources: ['configuration'],
    parse: (texts) => ({ apiServerPort: toPort(last(texts)) }),
    write: ({ apiServerPort }) => apiServerPort,
  }),
  option({
    name: 'advertise-address',
    setting: 'advertiseAddress',
    hint: 'IP',
    help: 'address that the API server of this node gives to others',
    commands: MACHINE,
    sources: ['configuration'],
    parse: (texts) => ({ advertiseAddress: toNodeIp(last(texts)) }),
    write: ({ advertiseAddress }) => advertiseAddress,
  }),
  option({
    name: 'etcd-data-dir',
    setting: 'etcdDataDir',
    hint: 'DIR',
    help: 'data directory of a stacked etcd',
    commands: MACHINE,
    sources: ['configuration'],
    parse: (texts) => ({ etcdDataDir: toAbsolutePath(last(texts)) }),
    write: ({ etcdDataDir }) => etcdDataDir,
  }),
  option({
    name: 'proxy-mode',
    setting: 'proxyMode',
    hint: 'MODE',
    allowed: PROXY_MODES,
    help: 'mode of kube-proxy',
    commands: MACHINE,
    sources: ['configuration'],
    parse: (texts) => ({ proxyMode: oneOf(PROXY_MODES)(last(texts)) }),
    write: ({ proxyMode }) => proxyMode,
  }),
  option({
    name: 'pods',
    setting: 'pods',
    hint: '[HOW]',
    allowed: PODS,
    alone: PODS[0],
    help: "let pods take part: throw-away ones, made by this node's own network plugins and removed again, or existing ones",
    commands: WITH_PODS,
    parse: (texts) => ({ pods: oneOf(PODS)(last(texts)) }),
    write: ({ pods }) => pods,
  }),
  option({
    name: 'only',
    setting: 'only',
    hint: 'ID|CATEGORY',
    repeatable: 'values',
    help: 'run these checks alone',
    commands: JUDGING,
    parse: (texts) => ({ only: unique(texts.map(toText)) }),
    write: ({ only }) => list(only),
  }),
  option({
    name: 'skip',
    setting: 'skip',
    hint: 'ID|CATEGORY',
    repeatable: 'values',
    help: 'leave these checks out',
    commands: JUDGING,
    parse: (texts) => ({ skip: unique(texts.map(toText)) }),
    write: ({ skip }) => list(skip),
  }),
  option({
    name: 'ignore-preflight-errors',
    setting: 'ignorePreflightErrors',
    hint: 'NAMES',
    repeatable: 'values',
    help: "kubeadm's names of what may fail, or all: it becomes a warning",
    commands: JUDGING,
    parse: (texts) => ({ ignorePreflightErrors: ignoredNames(texts) }),
    write: ({ ignorePreflightErrors }) => list(ignorePreflightErrors),
  }),
  option({
    name: 'output',
    short: 'o',
    setting: 'output',
    hint: 'FORMAT[=FILE]',
    repeatable: 'paths',
    allowed: FORMAT_NAMES,
    help: 'how to print the report, and where to',
    commands: [...REPORTING, 'serve'],
    parse: (texts) => ({ output: texts.map(outputTarget(FORMAT_NAMES)) }),
    write: ({ output }) => list(output.map(({ format, file }) => (file === null ? format : `${format}=${file}`))),
  }),
  onOff(
    {
      name: 'json',
      setting: 'output',
      help: 'the same as --output json',
      commands: [...REPORTING, 'list'],
      write: () => null,
    },
    (on) => (on ? { output: [{ format: 'json', file: null }] } : {}),
  ),
  option({
    name: 'fail-on',
    setting: 'failOn',
    hint: 'STATUS',
    allowed: FAIL_ON,
    help: 'the mildest status that makes the exit code other than 0',
    commands: JUDGING,
    parse: (texts) => ({ failOn: oneOf(FAIL_ON)(last(texts)) }),
    write: ({ failOn }) => failOn,
  }),
  option({
    name: 'timeout',
    setting: 'timeout',
    hint: 'DURATION',
    help: 'how long one attempt may take',
    commands: READING,
    parse: (texts) => ({ timeout: durationBetween(10, 600_000, '10ms to 10m, such as 5s')(last(texts)) }),
    write: ({ timeout }) => formatDuration(timeout),
  }),
  option({
    name: 'budget',
    setting: 'budget',
    hint: 'DURATION',
    help: 'how long the whole run may take',
    commands: READING,
    parse: (texts) => ({ budget: durationBetween(10, 86_400_000, '10ms to 24h, such as 30s')(last(texts)) }),
    write: ({ budget }) => formatDuration(budget),
  }),
  option({
    name: 'concurrency',
    setting: 'concurrency',
    hint: 'N',
    help: 'how many facts are read at a time',
    commands: READING,
    parse: (texts) => ({ concurrency: integerBetween(1, 256)(last(texts)) }),
    write: ({ concurrency }) => concurrency,
  }),
  option({
    name: 'root',
    setting: 'root',
    hint: 'DIR',
    help: "this directory is the machine's root: a mounted disk, a copy",
    commands: ['check', 'serve', 'facts', 'config'],
    parse: (texts) => ({ root: toText(last(texts)) }),
    write: ({ root }) => root,
  }),
  option({
    name: 'config',
    setting: 'config',
    hint: 'FILE',
    help: "seaworthy.yaml, or kubeadm's own configuration; /etc/seaworthy/seaworthy.yaml unless said",
    commands: [...CATALOGUE, 'serve', 'listen'],
    // A configuration does not name another one.
    sources: ['flag', 'environment'],
    parse: (texts) => ({ config: toText(last(texts)) }),
    write: () => null,
  }),
  option({
    name: 'plugin',
    setting: 'plugin',
    hint: 'SPEC',
    repeatable: 'paths',
    help: 'checks of your own: a module (a file, or an npm package), or a file of rules (.yaml)',
    commands: [...CATALOGUE, 'serve', 'listen'],
    parse: (texts) => ({ plugin: unique(texts.map(toText)) }),
    write: ({ plugin }) => list(plugin),
  }),
  option({
    name: 'save-facts',
    setting: 'saveFacts',
    hint: 'FILE',
    help: 'write what was observed, to be judged elsewhere',
    commands: ['check', 'mesh', 'config'],
    parse: (texts) => ({ saveFacts: toFactsFile(last(texts)) }),
    write: ({ saveFacts }) => saveFacts,
  }),
  option({
    name: 'facts',
    setting: 'facts',
    hint: 'FILE',
    repeatable: 'paths',
    help: 'judge what was observed elsewhere instead of this machine',
    commands: ['check', 'config'],
    parse: (texts) => ({ facts: texts.map(toText) }),
    write: ({ facts }) => list(facts),
  }),
  onOff(
    {
      name: 'redact',
      setting: 'redact',
      help: 'hide names, addresses and identities in all that is written, the same one always behind the same word',
      commands: ['check', 'mesh', 'serve', 'facts', 'compare', 'config'],
      write: ({ redact }) => redact,
    },
    (redact) => ({ redact }),
  ),
  onOff(
    {
      name: 'no-color',
      setting: 'color',
      help: 'no colours, even on a terminal',
      commands: [...CATALOGUE, 'diff'],
      write: ({ color }) => (color === null ? null : !color),
    },
    (on) => ({ color: !on }),
  ),
  onOff(
    {
      name: 'ascii',
      setting: 'ascii',
      help: 'no characters beyond ASCII',
      commands: [...CATALOGUE, 'diff'],
      write: ({ ascii }) => ascii,
    },
    (ascii) => ({ ascii }),
  ),
  onOff(
    {
      name: 'quiet',
      short: 'q',
      setting: 'quiet',
      help: 'only what is not pass or skip, and the verdict',
      commands: REPORTING,
      write: ({ quiet }) => quiet,
    },
    (quiet) => ({ quiet }),
  ),
  onOff(
    {
      name: 'verbose',
      short: 'v',
      setting: 'verbose',
      help: 'every finding',
      commands: [...REPORTING, 'serve'],
      write: ({ verbose }) => verbose,
    },
    (verbose) => ({ verbose }),
  ),
];

function list(values: readonly string[]): Written {
  return values.length === 0 ? null : values;
}

export function flagName({ name }: Option): string {
  return `--${name}`;
}

export function variableName({ name }: Option): string {
  return `SEAWORTHY_${name.toUpperCase().replaceAll('-', '_')}`;
}

export function configurationKey({ name }: Option): string {
  return name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** The option that a word of argv names: `--node-ip` or `-o`. */
export function optionOfFlag(flag: string): Option | null {
  return (
    OPTIONS.find(
      (each) =>
        each.sources.includes('flag') &&
        (flagName(each) === flag || (each.short !== null && `-${each.short}` === flag)),
    ) ?? null
  );
}
