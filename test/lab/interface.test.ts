import { afterEach, expect } from 'vitest';
import { closeTerminals, KEYS, openTerminal, type Session } from '../cli/interface/terminal.ts';
import { PROGRAM } from '../program.ts';
import { labTest, TOKEN_FILE, type Host } from './lab.ts';
import { rules } from './reach.ts';

afterEach(closeTerminals);

/** The program on a host, in a terminal. */
function openOn(host: Host, env: Readonly<Record<string, string>>, ...args: readonly string[]): Session {
  const command = [...host.entering, ...PROGRAM, '--role', 'control-plane', '--cni', 'flannel'];
  return openTerminal({ command: [...command, '--only', 'ports/reachable', ...args], env });
}

/** Connections that this host holds to control ports. */
async function controlConnections(host: Host): Promise<readonly string[]> {
  return (await host.sh("ss -Htn state established '( dport = :10777 )' | awk '{print $3}'")).trim().split('\n');
}

labTest('run again over the connections that are there, and changes are marked', async ({ lab }) => {
  const own = await lab.host('cp1', '10.77.0.1/24');
  const peer = await lab.host('cp2', '10.77.0.2/24');
  await peer.peer();
  const before = await Promise.all([own.state(), peer.state()]);
  const session = openOn(own, {}, '--peer', '10.77.0.2', '--token-file', TOKEN_FILE);
  await session.sees(/ READY/);
  const connections = await controlConnections(own);
  expect(connections).toHaveLength(1);
  await rules(peer, { input: ['tcp dport 10250 drop'] });
  session.press('R');
  await session.sees('NOT READY');
  await session.sees('was pass');
  await session.sees(/tcp\/10250[^]*request-lost/);
  expect(await controlConnections(own)).toEqual(connections);
  await peer.sh('nft delete table inet faults');
  session.press('r');
  await session.sees(/ {2}READY/);
  await session.sees('was fail');
  expect(await controlConnections(own)).toEqual(connections);
  session.press('q');
  expect((await session.ended()).code).toBe(0);
  await expect.poll(() => Promise.all([own.state(), peer.state()]), { timeout: 10_000 }).toEqual(before);
});

labTest('a peer that went away and came back is met again', async ({ lab }) => {
  const own = await lab.host('cp1', '10.77.0.1/24');
  const peer = await lab.host('cp2', '10.77.0.2/24');
  const first = await peer.peer();
  const session = openOn(own, {}, '--peer', '10.77.0.2', '--token-file', TOKEN_FILE);
  await session.sees(/ READY/);
  const gone = new Promise((over) => first.once('exit', over));
  first.kill('SIGTERM');
  await gone;
  session.press('R');
  await session.sees('peer-unreachable');
  await peer.peer();
  session.press('R');
  await session.sees(/ {2}READY/);
});

labTest('a peer is added while it runs: the token is asked for, and what cannot be is said', async ({ lab }) => {
  const own = await lab.host('cp1', '10.77.0.1/24');
  const peer = await lab.host('cp2', '10.77.0.2/24');
  const session = openOn(own, {});
  await session.sees(/READY/);
  await session.sees('r re-run');
  session.press('p');
  await session.sees('seaworthy listen --token-file');
  session.press(`10.77.0.2${KEYS.tab}`);
  session.press(`\u001B[200~${(await own.sh(`cat ${TOKEN_FILE}`)).trim()}\u001B[201~`);
  await session.sees('••••');
  session.press(KEYS.enter);
  // Nobody listens there yet.
  await session.sees(/refuses the connection: `seaworthy listen` does not run there/);
  expect(session.sent()).not.toContain('swt1.');
  await peer.peer();
  session.press(KEYS.enter);
  await session.sees('covers this node and 1 peer');
  session.press('m');
  await session.sees(/cp1 +· +.*✓/);
  session.press(`${KEYS.escape}p`);
  await session.sees('Add a machine');
  expect(session.text()).not.toContain('it is not shown');
  session.press(`10.77.0.1${KEYS.enter}`);
  await session.sees(/10.77.0.1 .*refuses the connection/);
  session.press(`${KEYS.escape}q`);
  expect((await session.ended()).code).toBe(0);
});
