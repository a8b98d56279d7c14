import { PlanError, quoted } from '../../plan/errors.ts';
import { shellWords } from '../../plan/shell-words.ts';
import { isDnsName } from '../../values/endpoint.ts';
import { parseIp } from '../../values/ip.ts';
import type { SshTarget } from '../ssh-target.ts';
import type { Host, Variable } from './groups.ts';

/**
 * How a host of an inventory is reached. Throws a PlanError for what is not to be had without Ansible.
 * @see https://docs.ansible.com/ansible/latest/collections/ansible/builtin/ssh_connection.html
 */
export function targetOf({ name, variables }: Host): SshTarget {
  const said = (...names: readonly string[]) => known(name, variables, names);
  const connection = said('ansible_connection');
  if (connection !== null && !['ssh', 'smart', 'paramiko', 'ansible.builtin.ssh'].includes(connection.text))
    throw refused(connection, `${name} is reached by ${quoted(connection.text)}, and here by ssh alone`);
  const host = said('ansible_host', 'ansible_ssh_host');
  if (host !== null && parseIp(host.text) === null && !isDnsName(host.text.toLowerCase().replaceAll('_', '-')))
    throw refused(host, `ansible_host of ${name} must be a name or an address`);
  const port = said('ansible_port', 'ansible_ssh_port');
  if (port !== null && !(/^\d{1,5}$/.test(port.text) && Number(port.text) >= 1 && Number(port.text) <= 65_535))
    throw refused(port, `ansible_port of ${name} must be a port from 1 to 65535`);
  const user = said('ansible_user', 'ansible_ssh_user');
  if (user !== null && !/^[^-\s\p{Cc}][^\s\p{Cc}]*$/u.test(user.text))
    throw refused(user, `ansible_user of ${name} must be the name of a user`);
  return {
    host: host?.text ?? name,
    port: port === null ? null : Number(port.text),
    user: user?.text ?? null,
    keyFile: said('ansible_ssh_private_key_file', 'ansible_private_key_file')?.text ?? null,
    args: [said('ansible_ssh_common_args'), said('ansible_ssh_extra_args')].flatMap((each) => wordsOf(name, each)),
    becomesRoot: becomesRoot(name, said),
  };
}

type Said = (...names: readonly string[]) => Variable | null;

/** The first of these that says anything. What only Ansible can fill in is refused. */
function known(host: string, variables: Host['variables'], names: readonly string[]): Variable | null {
  const name = names.find((each) => (variables.get(each)?.text ?? '') !== '');
  const variable = name === undefined ? undefined : variables.get(name);
  if (name === undefined || variable === undefined) return null;
  if (variable.text.startsWith('$ANSIBLE_VAULT'))
    throw refused(
      variable,
      `${name} of ${host} is encrypted by ansible-vault: write its value into a copy of the inventory`,
    );
  if (/\{\{|\{%/.test(variable.text))
    throw refused(variable, `${name} of ${host} is a template, which Ansible alone fills in: write its value instead`);
  return variable;
}

function wordsOf(host: string, variable: Variable | null): string[] {
  if (variable === null) return [];
  const words = shellWords(variable.text);
  if (words === null) throw refused(variable, `arguments of ssh for ${host}: a quote is not closed`);
  return words;
}

function becomesRoot(host: string, said: Said): boolean {
  const become = said('ansible_become');
  if (become === null || !/^(?:true|yes|on|y|t|1)$/i.test(become.text)) return false;
  const method = said('ansible_become_method');
  if (method !== null && method.text !== 'sudo' && method.text !== 'ansible.builtin.sudo')
    throw refused(method, `ansible_become_method of ${host} is ${quoted(method.text)}; here root is had by sudo alone`);
  const user = said('ansible_become_user');
  if (user !== null && user.text !== 'root')
    throw refused(user, `ansible_become_user of ${host} is ${quoted(user.text)}; here only root is of use`);
  return true;
}

function refused({ place }: Variable, said: string): PlanError {
  return new PlanError('bad-document', place, said);
}
