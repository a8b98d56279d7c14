import type { Remedy } from '../../engine/check.ts';
import type { SshTrouble } from '../../evidence/control-problems.ts';
import { shellQuote } from '../../values/shell.ts';

/** How a node becomes one that ssh reaches and on which a peer can be started. */
export function sshRemedy(name: string, { problem, to, withheld = false }: SshTrouble): Remedy {
  const line = (command: string) => ['ssh', '-o', 'BatchMode=yes', ...to, command].map(shellQuote).join(' ');
  const remedy = REMEDIES[problem](name, line);
  return withheld && remedy.commands !== undefined ? { ...remedy, text: `${remedy.text} ${FURTHER}` } : remedy;
}

const FURTHER =
  'The line lacks what ansible_ssh_common_args and ansible_ssh_extra_args of the inventory add, which may be secret: put it behind `ssh`.';

type Line = (command: string) => string;

const REMEDIES: Readonly<Record<SshTrouble['problem'], (name: string, line: Line) => Remedy>> = {
  login: (name, line) => ({
    text: `Log in to ${name} from here until this line ends without a question: it tells what is in the way (address, key, known_hosts, a jump host).`,
    commands: [line('true')],
  }),
  'no-program': (name) => ({
    text: `Install this version of seaworthy on ${name}, or start the mesh with the single executable for its processor, which is copied to nodes for the time of the run (\`npm run build:exe\` makes it).`,
  }),
  'no-room': (name, line) => ({
    text: `Make room on ${name} in a directory where programs may run (TMPDIR of its shell, /tmp, /var/tmp or the home of its user), or install seaworthy there.`,
    commands: [line('df -h /tmp /var/tmp ~')],
  }),
  ended: (name, line) => ({
    text: `See whether ${name} is up and can be logged in to, and run the mesh again.`,
    commands: [line('true')],
  }),
};
