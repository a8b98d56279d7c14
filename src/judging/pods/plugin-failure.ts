import type { Remedy } from '../../engine/check.ts';
import type { FailedCall, PodsResult } from '../../evidence/pods.ts';
import { CNI_ERROR_CODES } from '../../kubernetes/cni/error-codes.ts';
import { installCommand } from '../../kubernetes/packages.ts';
import { shellQuote } from '../../values/shell.ts';

type Network = PodsResult['network'];

/** `bridge failed: “…” (code 11: it asks to be called again later)`, without a full stop. */
export function failureWords({ plugin, kind, code, message }: FailedCall): string {
  // A program that crashes prints where in its code; that is in the evidence.
  const [line = ''] = message.split('\n');
  const words = line.replace(/\.$/, '');
  const meaning =
    code === null ? '' : ` (code ${code}${CNI_ERROR_CODES[code] === undefined ? '' : `: ${CNI_ERROR_CODES[code]}`})`;
  return kind === 'said' ? `${plugin} says “${words}”${meaning}` : `${plugin} ${KINDS[kind]}: ${words}${meaning}`;
}

const KINDS: Readonly<Record<Exclude<FailedCall['kind'], 'said'>, string>> = {
  junk: 'gives no answer that is one',
  'timed-out': 'did not end in time',
  killed: 'was ended by a signal',
  missing: 'is not there',
  'not-executable': 'is not executable',
  'cannot-start': 'cannot be started',
  refused: 'was not run',
  'other-version': 'speaks another version of CNI',
};

/** What to do about a plugin that failed: by its own words where they are known, else by how it failed. */
export function pluginRemedy(call: FailedCall, network: Network): Remedy {
  const known =
    call.kind === 'said' || call.kind === 'junk' ? SITUATIONS.find(({ words }) => words.test(call.message)) : undefined;
  return known === undefined ? BY_KIND[call.kind](call, network) : known.remedy(call, network);
}

interface Situation {
  readonly words: RegExp;
  readonly remedy: (call: FailedCall, network: Network) => Remedy;
}

const RESERVATIONS = '/var/lib/cni/networks';
const packages = installCommand('containernetworking-plugins', 'containernetworking-plugins');

function install({ plugin }: FailedCall): Remedy {
  return {
    text: `Install what ${plugin} needs: the add-on’s own pod on this node brings its plugin, the package kubernetes-cni (or that of the distribution) the reference plugins. cni/plugins says which are missing.`,
    commands: [packages],
  };
}

/** Words of the reference plugins and of flannel: https://github.com/containernetworking/plugins, https://github.com/flannel-io/cni-plugin */
const SITUATIONS: readonly Situation[] = [
  {
    words: /no IP addresses available|range is full|exhausted/i,
    remedy: (_, network) => ({
      text: `The range of addresses of this node is used up. host-local keeps a file for each address in ${RESERVATIONS}: those that name a container which \`crictl ps -a\` and \`crictl pods\` do not know are left from pods that went without DEL, and may be removed; otherwise give the network a wider range.`,
      commands: [`grep -r . ${shellQuote(network === null ? RESERVATIONS : `${RESERVATIONS}/${network.name}`)}`],
    }),
  },
  {
    words: /failed to find plugin|executable file not found|no such file or directory.*\/bin\//i,
    remedy: install,
  },
  {
    words: /subnet\.env/i,
    remedy: () => ({
      text: 'flannel’s own pod on this node has not written its subnet yet: see that it runs and what it logs; on a node that has not joined it comes with the add-on.',
      commands: ['kubectl get pods --all-namespaces --output wide --selector app=flannel'],
    }),
  },
  {
    words: /already has an IP address different from/i,
    remedy: ({ message }) => ({
      text: 'The bridge is left from another network or another range. Take it away once no pod is on it; the plugin makes it anew.',
      commands: [`ip link delete dev ${shellQuote(/"([^"]+)" already has/.exec(message)?.[1] ?? 'cni0')}`],
    }),
  },
  {
    words: /iptables|nft\b|xtables/i,
    remedy: () => ({
      text: 'The plugin could not set its rules: see that iptables is installed, of the same kind (nft or legacy) as the other rules of this machine, and that the modules of the kernel for it are there.',
      commands: [installCommand('iptables', 'iptables')],
    }),
  },
  {
    words: /operation not supported|unknown device type|operation not permitted/i,
    remedy: () => ({
      text: 'The kernel refuses what the plugin asks of it: the module of the device is missing (veth, bridge, macvlan, ipvlan), or this is a container without the right to make devices.',
      commands: ['modprobe veth && modprobe bridge'],
    }),
  },
];

const readOn = 'Its makers’ page and the log of the container runtime tell more.';

const BY_KIND: Readonly<Record<FailedCall['kind'], (call: FailedCall, network: Network) => Remedy>> = {
  said: ({ plugin, code }, network) => ({
    text:
      code === 11 || code === 50 || code === 51
        ? `See that the agent of ${plugin} runs on this node, and what it logs; then try again.`
        : `Mend what ${plugin} says${network === null ? '' : `, in ${network.file} where it is about its configuration`}. ${readOn}`,
  }),
  junk: ({ plugin }) => ({
    text: `Install ${plugin} again, from the release of the add-on that the cluster runs; a script in its place must print nothing but its answer.`,
  }),
  'timed-out': ({ plugin }) => ({
    text: `Find out what ${plugin} waits for: an agent that is not there, the API server, a lock of iptables. ${readOn}`,
  }),
  killed: ({ plugin }) => ({
    text: `See why ${plugin} was killed: for want of memory (dmesg), or by itself; install it again where it crashes.`,
    commands: ['dmesg | tail -n 50'],
  }),
  missing: install,
  'not-executable': ({ plugin }) => ({ text: `Make ${plugin} executable (mode 755); cni/plugins names its file.` }),
  'cannot-start': ({ plugin }) => ({
    text: `Install ${plugin} again, built for the architecture of this machine, on a file system that is not mounted noexec.`,
  }),
  refused: ({ plugin }) => ({
    text: `Give the file of ${plugin} and its directories to root and take the right to write from everybody else; cni/plugins names what is writable.`,
  }),
  'other-version': ({ plugin }, network) => ({
    text: `Install a newer ${plugin}, or set cniVersion${network === null ? '' : ` of ${network.file}`} to one that all plugins of the chain speak.`,
  }),
};
