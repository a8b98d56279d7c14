import type { Settings } from '../../plan/settings.ts';
import { parseEndpoint } from '../../values/endpoint.ts';
import { parseIp } from '../../values/ip.ts';
import { lastWordsIn } from '../../values/last-words.ts';

export type NameKind = 'node' | 'host' | 'domain' | 'user' | 'pod' | 'file' | 'words' | 'name';

/** What was named by somebody, and of what kind it is. */
export interface Named {
  readonly kind: NameKind;
  readonly name: string;
}

/** Names of machines and domains that are the same everywhere, those in certificates of every cluster among them. */
const EVERYBODYS_MACHINES =
  /^(?:|\.|local|localdomain|localhost\d?(?:\.localdomain\d?)?|\(none\)|ip6-\w+|(?:svc\.)?cluster\.local|svc|(?:[\w-]+\.)*in-addr\.arpa|kubernetes(?:\.default(?:\.svc(?:\.cluster\.local)?)?)?)$/i;

/** Names that Kubernetes and kubeadm give: namespaces, pods, labels, owners of certificates. A machine called kube-something was called so by somebody. */
const EVERYBODYS_OBJECTS = /^(?:system|kube|etcd|kubernetes|front-proxy|kubeadm|default)(?:[-:.].*)?$/i;

function isEverybodys(kind: NameKind, name: string): boolean {
  if (EVERYBODYS_MACHINES.test(name)) return true;
  return kind !== 'node' && kind !== 'host' && kind !== 'domain' && EVERYBODYS_OBJECTS.test(name);
}

/** The names in what was observed and said: where a name stands is known by the field, and in text by the form of URLs and home directories. */
export function namesIn(document: unknown): Named[] {
  const found: Named[] = [];
  walk(document, '', (kind, name) => {
    if (!isEverybodys(kind, name) && parseIp(name) === null) found.push({ kind, name });
  });
  return found;
}

type Note = (kind: NameKind, name: string) => void;

function walk(value: unknown, key: string, note: Note): void {
  if (typeof value === 'string') noteText(value, key, note);
  else if (Array.isArray(value)) for (const each of value) walk(each, key, note);
  else if (typeof value === 'object' && value !== null) {
    noteObject(value, note);
    for (const [name, each] of Object.entries(value)) {
      // A plan of a report has values with their origins.
      walk(each, name === 'value' ? key : name, note);
      noteInText(name, note);
    }
  }
}

/** Fields whose name alone would not tell. */
function noteObject(value: object, note: Note): void {
  const text = (name: string) =>
    Object.entries(value).find(([key, each]) => key === name && typeof each === 'string')?.[1];
  if ('hostsSources' in value) noteHost('node', text('name') ?? '', note);
  if ('facts' in value && 'plan' in value && 'key' in value)
    if ('peer' in value && value.peer === true) noteEndpoint(text('key') ?? '', note);
    else if (value.key !== 'self') note('file', text('key') ?? '');
  if ('differences' in value && 'interface' in value) note('pod', text('name') ?? '');
  if ('internalIps' in value) noteNode(value, text, note);
  if ('namespace' in value && 'labels' in value) notePod(value.labels, text, note);
  if ('namespace' in value && 'matchLabels' in value) notePolicy(value.matchLabels, text, note);
  if ('operator' in value && 'values' in value) noteLabels({ [text('key') ?? '']: value.values }, note);
  if ('problem' in value && 'to' in value && Array.isArray(value.to)) noteSsh(value.to.map(String), note);
  if ('notAfter' in value && 'names' in value && Array.isArray(value.names)) {
    for (const name of value.names) noteHost('host', String(name).replace(/^DNS:/, ''), note);
    noteSubject(text('subject') ?? '', note);
  }
}

const NODES = ['hostname', 'nodeName', 'hostname-override'];
const ENDPOINTS = ['endpoint', 'server', 'controlPlaneEndpoint', 'host', 'http_proxy', 'https_proxy'];

function noteText(text: string, key: string, note: Note): void {
  if (NODES.includes(key)) noteHost('node', text, note);
  else if (key === 'search') noteDomain(text, note);
  else if (key.toLowerCase() === 'no_proxy') for (const each of text.split(/[\s,]+/)) noteEndpoint(each, note);
  else if (ENDPOINTS.includes(key.toLowerCase()) || key === 'controlPlaneEndpoint') noteEndpoint(text, note);
  noteInText(text, note);
}

function noteInText(text: string, note: Note): void {
  for (const [, user, host] of text.matchAll(
    /\b[a-z][a-z0-9+.-]*:\/\/(?:([^\s/@:]+)(?::[^\s/@]*)?@)?([^\s/:?#@"'[\]]+)/gi,
  )) {
    if (user !== undefined) note('user', user);
    if (host !== undefined) noteHost('host', host, note);
  }
  for (const [, user = ''] of text.matchAll(/\/(?:home|Users)\/([^/\s"':]+)/g)) note('user', user);
  for (const words of lastWordsIn(text)) note('words', words);
}

/** Arguments that lead to a node: of those that only the user knows, a jump host in some option, each is hidden whole. */
function noteSsh(args: readonly string[], note: Note): void {
  const end = args.lastIndexOf('--');
  noteHost('node', args[end + 1] ?? '', note);
  for (const [index, arg] of args.slice(0, end).entries()) {
    const option = args[index - 1];
    // The letter of an option, and the number of a port, tell of nobody.
    if (!/^(?:-\w|\d+)$/.test(arg)) note(option === '-l' ? 'user' : option === '-i' ? 'file' : 'name', arg);
  }
}

/** Roles that Kubernetes itself gives or knows: https://kubernetes.io/docs/reference/labels-annotations-taints/#node-role-kubernetes-io-control-plane */
const ROLES: readonly unknown[] = ['control-plane', 'master', 'worker', 'etcd'];

type TextOf = (name: string) => string | undefined;

/** A node of a cluster; what else it is called by its labels somebody thought of. */
function noteNode(value: object, text: TextOf, note: Note): void {
  noteHost('node', text('name') ?? '', note);
  if (!('roles' in value) || !Array.isArray(value.roles)) return;
  for (const role of value.roles) if (!ROLES.includes(role)) note('name', String(role));
}

/** What a pod of a cluster is called, where it is, and what its labels say of whoever runs it. */
function notePod(labels: unknown, text: TextOf, note: Note): void {
  note('pod', text('name') ?? '');
  note('name', text('namespace') ?? '');
  noteHost('node', text('node') ?? '', note);
  noteLabels(labels, note);
}

function notePolicy(labels: unknown, text: TextOf, note: Note): void {
  note('name', text('name') ?? '');
  note('name', text('namespace') ?? '');
  noteLabels(labels, note);
}

/** Keys that Kubernetes and kubeadm themselves put on pods, beside those of a domain of theirs. */
const KEYS =
  /^(?:app|component|controller-revision-hash|job-name|k8s-app|pod-template-generation|pod-template-hash|tier)$/;

/** By key, with the value or values of each. */
function noteLabels(labels: unknown, note: Note): void {
  for (const [key, values] of Object.entries(labels ?? {})) {
    const [, domain, name = ''] = /^(?:(.*)\/)?(.*)$/s.exec(key) ?? [];
    if (domain !== undefined && !/(?:^|\.)(?:kubernetes|k8s)\.io$/.test(domain)) noteDomain(domain, note);
    else if (domain === undefined && !KEYS.test(name)) note('name', name);
    for (const value of Array.isArray(values) ? values : [values])
      if (typeof value === 'string' && value !== '') note('name', value);
  }
}

function noteEndpoint(text: string, note: Note): void {
  if (text.includes('://') || text === 'self') return;
  if (/^\*?\./.test(text)) return noteDomain(text.replace(/^\*?\./, ''), note);
  const host = parseEndpoint(text, 1)?.host;
  if (host !== undefined) noteHost('host', host, note);
}

/** `w1.corp.example.org` is a machine w1 and a domain. */
function noteHost(kind: NameKind, text: string, note: Note): void {
  if (text.startsWith('*.')) return noteDomain(text.slice(2), note);
  const name = text.replace(/\.$/, '');
  const dot = name.indexOf('.');
  if (parseIp(name) !== null || isEverybodys(kind, name)) return;
  note(kind, dot < 0 ? name : name.slice(0, dot));
  if (dot < 0) return;
  const domain = name.slice(dot + 1);
  // Of `w1.org` the rest is a word of everybody's.
  if (domain.includes('.')) noteDomain(domain, note);
  note(kind, name);
}

function noteDomain(text: string, note: Note): void {
  note('domain', text.replace(/\.$/, ''));
}

/** CN=…, O=… of a certificate. */
function noteSubject(text: string, note: Note): void {
  for (const [, value = ''] of text.matchAll(/(?:^|[,\n+/]\s*)[A-Za-z.\d]+\s*=\s*([^,\n+/]+)/g)) {
    const node = /^system:node:(.+)$/.exec(value.trim())?.[1];
    if (node === undefined) note('name', value.trim());
    else noteHost('node', node, note);
  }
}

/** What the user called files and directories of the machine that runs this. */
export function filesOf({
  facts,
  config,
  saveFacts,
  root,
  plugin,
  tokenFile,
  kubeconfig,
  inventory,
  output,
  waivers,
}: Settings): Named[] {
  const places = waivers.map(({ place }) => place.replace(/:\d+:\d+$/, ''));
  return [
    ...facts,
    config,
    saveFacts,
    root,
    ...plugin,
    tokenFile,
    kubeconfig === 'in-cluster' ? null : kubeconfig,
    inventory,
    ...output.map(({ file }) => file),
    ...places,
  ].flatMap((name): Named[] =>
    name === null || /^\/(?:dev|etc\/seaworthy)\//.test(name) ? [] : [{ kind: 'file', name }],
  );
}
