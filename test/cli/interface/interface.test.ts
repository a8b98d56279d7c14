import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { PROGRAM } from '../../program.ts';
import { machine, plugin, removeDirectories, runCommand, temporaryDirectory, WAITS_FOR_EVER } from '../seaworthy.ts';
import { closeTerminals, KEYS, openTerminal, type Session } from './terminal.ts';

afterEach(closeTerminals);
afterAll(removeDirectories);

/** A run that is over: a machine of which little is known, so that it looks the same everywhere. */
async function ready(over: Parameters<typeof openTerminal>[0] = {}): Promise<Session> {
  const session = openTerminal({ args: ['--root', machine()], ...over });
  await session.sees(/READY|UNKNOWN/);
  return session;
}

function restored(session: Session): void {
  expect(session.alternate()).toBe(false);
  const sent = session.sent();
  const last = (sequence: string) => sent.lastIndexOf(`\u001B[?${sequence}`);
  // The cursor is shown, and nothing is marked as pasted any more.
  expect(last('25h')).toBeGreaterThan(last('25l'));
  expect(last('2004l')).toBeGreaterThan(last('2004h'));
  // The scrollback is the user's.
  expect(sent).not.toContain('\u001B[3J');
}

test('opens on the alternate screen, shows what is found, and leaves a summary and the exit code of check', async () => {
  const root = machine();
  const session = await ready({ args: ['--root', root] });
  expect(session.alternate()).toBe(true);
  await session.sees('identity');
  session.press('q');
  const { code } = await session.ended();
  restored(session);
  expect(code).toBe((await runCommand([...PROGRAM, 'check', '--root', root])).code);
  const left = session.rows().filter((line) => line !== '');
  expect(left.length).toBeLessThanOrEqual(5);
  expect(left[0]).toMatch(/^(?:NOT )?READY|^UNKNOWN/);
  expect(left.join('\n')).toContain('covers');
});

test.for([
  ['Ctrl-C', (session: Session) => session.press(KEYS.ctrlC), 130],
  ['SIGINT', (session: Session) => session.pty.kill('SIGINT'), 130],
  ['SIGTERM', (session: Session) => session.pty.kill('SIGTERM'), 143],
  ['SIGHUP', (session: Session) => session.pty.kill('SIGHUP'), 129],
  ['SIGQUIT', (session: Session) => session.pty.kill('SIGQUIT'), 131],
] as const)('%s leaves the terminal as it was', async ([, end, code]) => {
  const session = await ready();
  end(session);
  expect((await session.ended()).code).toBe(code);
  restored(session);
});

test('left while the first run goes on, it says what was found until then', async () => {
  const file = plugin(temporaryDirectory(), WAITS_FOR_EVER);
  // Rows for every check, so that the one that never ends is among them.
  const args = ['--root', machine(), '--plugin', file, '--timeout', '1m', '--budget', '2m'];
  const session = openTerminal({ args, rows: 70 });
  await session.sees('CHECKING');
  await session.sees('acme');
  session.press('q');
  const { code } = await session.ended();
  expect([2, 3]).toContain(code);
  restored(session);
  expect(session.text()).toContain('covers');
});

test('what cannot be is said on the normal screen', async () => {
  const session = openTerminal({ args: ['--only', 'no/such'] });
  expect((await session.ended()).code).toBe(3);
  restored(session);
  expect(session.text()).toContain('no check and no category has this name');
});

test('a program that breaks gives the terminal back first, and shows no stack', async () => {
  const directory = temporaryDirectory();
  const file = plugin(
    directory,
    '() => { setTimeout(() => { throw new Error("broken on purpose"); }, 300); return null; }',
  );
  const session = openTerminal({ args: ['--root', machine(), '--plugin', file] });
  expect((await session.ended()).code).toBe(3);
  restored(session);
  expect(session.text()).toContain('broken on purpose');
  expect(session.text()).not.toMatch(/^\s+at /m);
});

test('a terminal that goes away ends it', async () => {
  const session = await ready();
  const { pid } = session.pty;
  // The master is closed, as when a window is: the kernel hangs up.
  Reflect.get(session.pty, '_socket').destroy();
  await expect.poll(() => existsSync(`/proc/${pid}/exe`), { timeout: 10_000 }).toBe(false);
});

test('resized while it runs: everything fits, one line says where it does not, and it grows again', async () => {
  const session = await ready();
  for (const [columns, rows] of [
    [60, 15],
    [300, 100],
    [80, 24],
    [61, 16],
    [120, 40],
  ] as const) {
    session.resize(columns, rows);
    await session.sees(/^ seaworthy[^]*q quit\s*$/);
    expect(session.rows()).toHaveLength(rows);
  }
  session.resize(50, 10);
  await session.sees('seaworthy needs 60x15');
  expect(session.rows().filter((line) => line.trim() !== '')).toHaveLength(1);
  session.press('j');
  session.resize(80, 24);
  await session.sees('quit');
  for (let i = 0; i < 40; i++) session.resize(60 + (i % 7) * 20, 15 + (i % 5) * 6);
  session.resize(80, 24);
  await session.sees(/^ seaworthy[^]*q quit\s*$/);
  expect(session.rows()).toHaveLength(24);
});

test('sequences without a meaning, pastes and fast typing', async () => {
  const session = await ready();
  session.press(`${KEYS.ctrlF1}\u001B[25;5~\u001B[<0;10;5M\u001B[I\u001B]11;rgb:0/0/0\u0007`);
  session.press('\u001B[200~qqq rm -rf\r\u001B[201~');
  session.press('/machine-id\r');
  await session.sees('filter: machine-id');
  await session.sees(/machine-id/);
  session.press(`${KEYS.escape}?`);
  await session.sees('▸ help');
  session.press(`${KEYS.escape}q`);
  expect((await session.ended()).code).not.toBe(130);
});

test('at most fifteen updates a second, however fast somebody types', async () => {
  const session = await ready();
  const frames = () => session.sent().split('\u001B[?2026h').length - 1;
  const [before, begun] = [frames(), performance.now()];
  for (let typed = 0; typed < 200; typed++) {
    session.press(typed % 40 < 20 ? 'j' : 'k');
    await new Promise((soon) => setTimeout(soon, 5));
  }
  const seconds = (performance.now() - begun) / 1_000;
  expect(frames() - before).toBeGreaterThan(2);
  expect(frames() - before).toBeLessThanOrEqual(Math.ceil(seconds * 15) + 1);
});

test('a first run that cannot be had ends it, with what check says', async () => {
  const session = openTerminal({ args: ['--facts', '/no/such/facts.json'] });
  expect((await session.ended()).code).toBe(3);
  restored(session);
  expect(session.text()).toContain('/no/such/facts.json');
});

test('every key opens what it says', async () => {
  const session = await ready({ args: ['--root', machine(), '--only', 'identity'] });
  const opens = async (key: string, text: string | RegExp) => {
    session.press(key);
    await session.sees(text);
    session.press(KEYS.escape);
    await session.sees('add a peer');
  };
  session.press(`g${KEYS.enter}j`);
  await opens('L', /▸ log/);
  await opens('?', /▸ help/);
  await opens('m', /▸ matrix/);
  await opens('e', /Why it matters|How it is judged/);
  await opens('o', 'copied: https://');
  const selected = () => session.rows().findIndex((row) => row.startsWith('▌'));
  const moves = async (key: string) => {
    const before = selected();
    session.press(key);
    await expect.poll(selected, { timeout: 5_000 }).not.toBe(before);
  };
  for (const key of [KEYS.down, KEYS.up, 'j', 'k', 'G', 'g', KEYS.pageDown, KEYS.pageUp]) await moves(key);
  session.press(KEYS.left);
  await session.sees('▸ identity');
  session.press(KEYS.right);
  await session.sees('▾ identity');
  session.press('\u000C');
  session.press('p');
  await session.sees('Add a machine');
  session.press(KEYS.escape);
  await session.sees('re-run');
  session.press('w');
  await session.sees('watching, next in');
  session.press('www');
  session.press('f');
  await session.sees('faults only');
  session.press('f');
  session.press('L');
  session.press('R');
  await session.sees(/running \d+ checks[^]*running \d+ checks/);
  expect(session.text()).toContain('▸ log');
});

test('c hands the remedy to the clipboard of the terminal, C and s write files', async () => {
  const directory = temporaryDirectory();
  const session = openTerminal({ args: ['--only', 'acme/one', '--plugin', plugin(directory)], env: { ACME: 'fail' } });
  await session.sees('NOT READY');
  session.press('c');
  await session.sees('copied: Turn it on.');
  expect(session.sent()).toContain(`\u001B]52;c;${Buffer.from('Turn it on.').toString('base64')}\u0007`);
  const save = async (key: string, name: string) => {
    session.press(`${key}\u0015${join(directory, name)}\r`);
    await session.sees(`written to ${directory}`);
  };
  await save('s', 'report.json');
  expect(JSON.parse(readFileSync(join(directory, 'report.json'), 'utf8'))).toMatchObject({ verdict: 'not-ready' });
  session.press('x');
  await session.sees('▸ acme/one remedy');
  await save('C', 'remedy.sh');
  expect(readFileSync(join(directory, 'remedy.sh'), 'utf8')).toBe('Turn it on.\n');
  session.press('s\u0015/no/such/directory/x\r');
  await session.sees('no such directory');
});

test('Ctrl-Z stops it with the terminal restored, and fg brings it back', async () => {
  const session = openTerminal({
    command: ['bash', '--norc', '--noprofile', '-i'],
    env: { PS1: 'shell> ', HISTFILE: '' },
  });
  await session.sees('shell>');
  session.press(`${PROGRAM.join(' ')} --root ${machine()}\r`);
  await session.sees('q quit');
  session.press(KEYS.ctrlZ);
  await session.sees('Stopped');
  expect(session.alternate()).toBe(false);
  session.press('stty -a | grep -c -- "-icanon"; echo stopped-well\r');
  await session.sees(/^0\s+stopped-well/m);
  session.press('fg\r');
  await session.sees('q quit');
  expect(session.alternate()).toBe(true);
  session.press('q');
  await session.sees(/covers[^]*shell>\s*$/);
  session.press('echo code $?\r');
  await session.sees(/code [023]/);
});

test.for([
  ['a terminal that is too small', { columns: 59, rows: 30 }],
  ['too few rows', { columns: 100, rows: 14 }],
  ['TERM=dumb', { env: { TERM: 'dumb' } }],
  ['CI', { env: { CI: 'true' } }],
  ['a report asked for', { args: ['--json'] }],
] as const)('%s: the output of check', async ([, over]) => {
  const session = openTerminal({ ...over, args: ['--root', machine(), ...('args' in over ? over.args : [])] });
  await session.ended();
  expect(session.sent()).not.toContain('\u001B[?1049h');
  expect(session.sent()).toMatch(/covers|"verdict"/);
});

test('a join line that is typed leaves no keyboard for the interface', async () => {
  const session = openTerminal({ args: ['--root', machine(), '--join', '-'] });
  await new Promise((soon) => setTimeout(soon, 300));
  session.press(
    'kubeadm join 192.0.2.1:6443 --token abcdef.0123456789abcdef --discovery-token-unsafe-skip-ca-verification\r\u0004',
  );
  await session.ended();
  expect(session.sent()).not.toContain('\u001B[?1049h');
  expect(session.sent()).toContain('covers');
});

test('check is check on any terminal', async () => {
  const session = openTerminal({ args: ['check', '--root', machine()] });
  await session.ended();
  expect(session.sent()).not.toContain('\u001B[?1049h');
});

test('without colour and in ASCII it says the same', async () => {
  const session = await ready({ args: ['--root', machine(), '--ascii'], env: { NO_COLOR: '1' } });
  // oxlint-disable-next-line no-control-regex
  expect(session.sent()).not.toMatch(/\u001B\[(?:3\d|9\d|1|2)m/);
  expect(session.text()).toMatch(/^[\u0020-\u007E\n]*$/);
  expect(session.text()).toMatch(/(?:ok|XX|!!|--|\?\?) (?:pass|fail|warn|skip|unknown)/);
});

test('in tmux', async () => {
  if (spawnSync('tmux', ['-V']).error !== undefined) return;
  const server = `seaworthy-${process.pid}`;
  const tmux = (...args: string[]) => execFileSync('tmux', ['-L', server, ...args], { encoding: 'utf8' });
  try {
    tmux(
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      '-x',
      '100',
      '-y',
      '30',
      `env -u CI LANG=C.UTF-8 ${PROGRAM.join(' ')} --root ${machine()}; sleep 60`,
    );
    const pane = () => tmux('capture-pane', '-p');
    await expect.poll(pane, { timeout: 15_000 }).toMatch(/READY|UNKNOWN/);
    tmux('send-keys', '?');
    await expect.poll(pane, { timeout: 10_000 }).toContain('▸ help');
    tmux('send-keys', 'Escape');
    await expect.poll(pane, { timeout: 10_000 }).toContain('add a peer');
    tmux('resize-window', '-x', '70', '-y', '20');
    await expect.poll(() => pane().split('\n')[19] ?? '', { timeout: 10_000 }).toContain('q quit');
    tmux('send-keys', 'q');
    await expect.poll(pane, { timeout: 10_000 }).toMatch(/^covers/m);
  } finally {
    tmux('kill-server');
  }
});

test('as a user it says how many checks root would decide', async ({ skip }) => {
  if (process.geteuid?.() !== 0) skip('only root can become another user');
  const user = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  const session = openTerminal({ command: [...user, ...PROGRAM, '--only', 'network/firewall'] });
  await session.sees('with sudo 1 more check can be decided');
  session.press('q');
  expect((await session.ended()).code).toBe(3);
});
