import type { CommandName } from '../../plan/options/option.ts';
import { SCHEMAS, SHELLS, type Command } from './command.ts';

/** Of the commands that judge. */
export const EXIT_CODES = [
  'Exit codes: 0 nothing that --fail-on names, 1 warnings with --fail-on warn, 2 at least one fail, 3 no fail but at least one unknown, or wrong usage; 130, 143, 129 or 131 when SIGINT, SIGTERM, SIGHUP or SIGQUIT ended it.',
] as const;

/** In the order of help. Which options a command takes is said in the table of options. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'check',
    summary: 'judge this machine and print the report: will it join, and will pods talk once it has?',
    details: [
      'Without a command seaworthy shows the same in its terminal interface, which ? explains; where there is no terminal of 60x15 or more, in CI, or when a report is asked for (-o, -q, --save-facts), it does exactly this. Reading changes nothing on the machine. What could not be read is unknown, never pass or fail.',
      ...EXIT_CODES,
    ],
    arguments: [],
    examples: [
      { line: 'seaworthy check --role worker --cni flannel', shows: 'before kubeadm join on a worker' },
      { line: 'seaworthy check --json > report.json', shows: 'for a script, which gates on the exit code' },
      { line: 'seaworthy check --config kubeadm.yaml --only ports', shows: 'one category, by the values of kubeadm' },
    ],
    load: async () => (await import('../commands/check.ts')).check,
  },
  {
    name: 'listen',
    summary: 'be a peer: answer the probes of a check on another machine, until Ctrl-C or --for is over',
    details: [
      'All machines of a run share one token. Make it once, and copy the file to each of them, readable to its owner alone. The first two lines below are then all that two machines need.',
      'Without a run it holds its control port and nothing else. For a run it opens the ports that Kubernetes needs here and that nothing holds, answers those who hold the token, and closes everything with the run. Firewalls and settings stay as they are.',
      'Exit codes: 0 when it was ended, 3 without a token, when the port cannot be opened, or for wrong usage.',
    ],
    arguments: [],
    examples: [
      { line: 'seaworthy listen --token-file seaworthy.token', shows: 'on one machine' },
      {
        line: 'seaworthy check --peer worker@10.0.0.12 --token-file seaworthy.token',
        shows: 'on the other one: both directions between the two',
      },
      { line: '(umask 077 && seaworthy token > seaworthy.token)', shows: 'once, before: the token' },
    ],
    load: async () => (await import('../commands/listen.ts')).listen,
  },
  {
    name: 'mesh',
    summary: 'test peers against each other: their own checks, and every pair that their roles need',
    details: [
      'Each peer runs `seaworthy listen` with the same token. The machine that this runs on takes no part, and need not be a node.',
      'With --ssh nothing has to run there: your own ssh, with its keys, agents, jump hosts and known hosts, starts a peer on each node and ends it with the run. A node that has not this version gets the executable for the time of the run; no file of it has a name there while it runs. What only root can see is told where the user is root, or an inventory says ansible_become.',
      "An inventory's groups kube_control_plane, kube_node and etcd (or control_plane, masters, workers) are the roles; hosts in none of them are left out, unless none has a role. ansible_host, ansible_port, ansible_user, ansible_ssh_private_key_file and ansible_ssh_common_args are honoured, `ip` is the node's address in the cluster; group_vars and host_vars beside it are not read.",
      'Rows of the matrix send, columns receive; each cell is the worst that was found between the two.',
      ...EXIT_CODES,
    ],
    arguments: [],
    examples: [
      {
        line: 'seaworthy mesh --peer control-plane@10.0.0.11 --peer worker@10.0.0.21 --token-file seaworthy.token',
        shows: 'two nodes, from a third machine',
      },
      {
        line: 'seaworthy mesh --ssh --peer control-plane@10.0.0.11 --peer worker@10.0.0.21',
        shows: 'the same over ssh: no token, nothing to start there',
      },
      { line: 'seaworthy mesh --ssh --inventory hosts.ini', shows: "all nodes of Ansible's inventory" },
      { line: 'seaworthy mesh --ssh --kubeconfig admin.conf', shows: 'all nodes of which the API of a cluster tells' },
    ],
    load: async () => (await import('../commands/mesh.ts')).mesh,
  },
  {
    name: 'serve',
    summary:
      'check again and again, and serve the last report over HTTP: /metrics, /healthz, /report.json, and / for a person',
    details: [
      'It runs at once and then on every beat of --interval, never two at a time. /healthz answers 200 while the last run found nothing that --fail-on names, else 503 with why; so it does before the first run has ended, and when the last one ended too long ago.',
      'It listens on 127.0.0.1 unless --listen says otherwise, which for other machines to read it needs --allow-remote. With --peer the channels to the peers stay open between runs, a peer that went away is met again, and NodePorts are not swept unless --only ports/node-ports-reachable names them.',
      'With -o FORMAT=FILE each report is written to a file too, which is replaced as a whole: prometheus=FILE.prom is for the textfile collector of node_exporter.',
      'Exit codes: 0 when a signal ended it, 3 when the port cannot be opened, or for wrong usage.',
    ],
    arguments: [],
    examples: [
      { line: 'seaworthy serve --role worker --cni flannel', shows: 'then: curl http://127.0.0.1:10778/healthz' },
      {
        line: 'seaworthy serve --peer worker@10.0.0.12 --token-file seaworthy.token --interval 5m',
        shows: 'with another machine, which runs seaworthy listen',
      },
    ],
    load: async () => (await import('../commands/serve.ts')).serve,
  },
  {
    name: 'facts',
    summary: 'print what was observed here, as JSON',
    details: ['The same document as check --save-facts writes. It holds no secrets.'],
    arguments: [],
    examples: [
      { line: 'seaworthy facts > w1.json', shows: 'to be judged elsewhere: seaworthy compare w1.json w2.json' },
    ],
    load: async () => (await import('../commands/facts.ts')).facts,
  },
  {
    name: 'compare',
    summary: 'judge the saved facts of several nodes together: duplicates and mismatches',
    details: ['Each node is judged by what was said there, unless you say otherwise here.', ...EXIT_CODES],
    arguments: [{ hint: 'FILE', required: true, repeatable: true, allowed: 'files' }],
    examples: [{ line: 'seaworthy compare w1.json w2.json w3.json', shows: 'three nodes, offline' }],
    load: async () => (await import('../commands/compare.ts')).compare,
  },
  {
    name: 'diff',
    summary: 'what became worse, better, new or gone between two reports, and what stayed',
    details: [
      'Both are files that `--output json=FILE` wrote. A finding is known again by its check, its nodes and its subject; what was skipped was not judged. It is printed as text, json or markdown. Reports that --redact wrote have words of their own for each thing, and are not compared.',
      'Exit codes: 0 nothing became worse, 2 something did, or something new is not as it should be, 3 a file that is no report, or wrong usage.',
    ],
    arguments: [
      { hint: 'OLD', required: true, repeatable: false, allowed: 'files' },
      { hint: 'NEW', required: true, repeatable: false, allowed: 'files' },
    ],
    examples: [
      { line: 'seaworthy diff yesterday.json today.json', shows: 'for a script, which goes by the exit code' },
    ],
    load: async () => (await import('../commands/diff.ts')).diff,
  },
  {
    name: 'config',
    summary: 'print the effective plan as commented YAML, with the origin of each value',
    details: ['A starting point for seaworthy.yaml. A token of --join is left out.'],
    arguments: [],
    examples: [
      {
        line: 'seaworthy config --role worker > /etc/seaworthy/seaworthy.yaml',
        shows: 'a configuration for this node',
      },
    ],
    load: async () => (await import('../commands/config.ts')).config,
  },
  {
    name: 'list',
    summary: "print the catalogue: each check with its stages and kubeadm's names",
    details: [],
    arguments: [],
    examples: [{ line: 'seaworthy list --json', shows: 'for a script' }],
    load: async () => (await import('../commands/list.ts')).list,
  },
  {
    name: 'explain',
    summary: 'print the page of a check: why it matters, how it is judged, how to fix it, when to ignore it',
    details: ['Of a category, such as kernel, it names the checks.'],
    arguments: [{ hint: 'CHECK|CATEGORY', required: true, repeatable: false, allowed: 'checks' }],
    examples: [{ line: 'seaworthy explain ports/available', shows: 'the page of one check' }],
    load: async () => (await import('../commands/explain.ts')).explain,
  },
  {
    name: 'schema',
    summary: 'print the JSON Schema of the report, of saved facts or of seaworthy.yaml',
    details: [],
    arguments: [{ hint: 'DOCUMENT', required: false, repeatable: false, allowed: SCHEMAS }],
    examples: [{ line: 'seaworthy schema config > seaworthy.schema.json', shows: 'for an editor' }],
    load: async () => (await import('../commands/schema.ts')).schema,
  },
  {
    name: 'token',
    summary: 'print a new token, which peers and coordinators share',
    details: [],
    arguments: [],
    examples: [
      { line: '(umask 077 && seaworthy token > /etc/seaworthy/token)', shows: 'a token that root alone can read' },
    ],
    load: async () => (await import('../commands/token.ts')).token,
  },
  {
    name: 'completion',
    summary: 'print the completion script of a shell',
    details: [],
    arguments: [{ hint: 'SHELL', required: true, repeatable: false, allowed: SHELLS }],
    examples: [
      { line: 'seaworthy completion bash > /etc/bash_completion.d/seaworthy', shows: 'for all users' },
      { line: 'source <(seaworthy completion bash)', shows: 'for this shell' },
    ],
    load: async () => (await import('../commands/completion.ts')).completion,
  },
];

/** What `seaworthy` without a command does. */
export const DEFAULT_COMMAND = 'check' satisfies CommandName;

export function commandNamed(name: string): Command | null {
  return COMMANDS.find((command) => command.name === name) ?? null;
}
