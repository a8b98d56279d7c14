import type { Remedy } from '../../engine/check.ts';
import type { ControlProblem } from '../../evidence/control-problems.ts';
import { CONTROL_PORT } from '../../values/control-port.ts';
import { formatEndpoint, type Endpoint } from '../../values/endpoint.ts';
import { shellQuote } from '../../values/shell.ts';

/** How a machine whose control channel could not be had becomes a peer: by what was in the way, where that is known. */
export function controlRemedy(control: Endpoint, problem: ControlProblem | undefined): Remedy {
  // Facts that were saved may not have it; what helps where a port refuses tells of everything else too.
  return REMEDIES[problem ?? 'refused'](control);
}

const listenOn = (port: number) =>
  port === CONTROL_PORT ? '`seaworthy listen`' : `\`seaworthy listen --listen :${port}\``;
const opening = (port: number) => [`firewall-cmd --permanent --add-port=${port}/tcp && firewall-cmd --reload`];
const SSH = 'Where ssh gets in, `seaworthy mesh --ssh` needs none of this.';

const REMEDIES: Readonly<Record<ControlProblem, (control: Endpoint) => Remedy>> = {
  refused: ({ host, port }) => ({
    text: `On ${host} run ${listenOn(port)} with the same token file as here, where nothing else holds tcp/${port}; name it by an address that leads there, and let the port in on ${host} (with ufw: ufw allow ${port}/tcp). ${SSH}`,
    commands: opening(port),
  }),
  silent: ({ host, port }) => ({
    text: `On ${host} let tcp/${port} in (with ufw: ufw allow ${port}/tcp), where ${listenOn(port)} runs; then see that ${host} is up and named by an address that leads there, and look between the two, at a security group or a router. ${SSH}`,
    commands: opening(port),
  }),
  'wrong-token': ({ host, port }) => ({
    text: `Have the same token on both: copy the token file of this machine to ${host}, readable by its owner alone, and start ${listenOn(port)} there anew with it.`,
  }),
  'other-protocol': ({ host }) => ({
    text: `Install the same release of seaworthy on ${host} and here, the newer of the two, and start it there anew.`,
  }),
  'not-a-peer': ({ host, port }) => ({
    text: `Find out on ${host} what holds tcp/${port}, and give seaworthy another port there: it listens on ${CONTROL_PORT} unless \`seaworthy listen --listen :PORT\` says otherwise, and here \`--peer ${formatEndpoint({ host, port }).replace(/\d+$/, 'PORT')}\` names that port. Where nothing holds it there, the address leads to another machine.`,
    commands: [`ss -Hltnp 'sport = :${port}'`],
  }),
  lost: ({ host, port }) => ({
    text: `See on ${host} whether ${listenOn(port)} still runs and what it said last, and run this again.`,
  }),
  'no-address': ({ host }) => ({
    text: `Name ${host} by its address, or have this machine know the name: in DNS, or in its /etc/hosts.`,
    commands: [`getent ahosts ${shellQuote(host)}`],
  }),
  rejected: ({ host }) => ({ text: `Mend on ${host} what it says, and run this again.` }),
};
