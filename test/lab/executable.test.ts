import { afterEach, expect } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { reportSchema } from '../../src/report/schema.ts';
import { closeTerminals, openTerminal } from '../cli/interface/terminal.ts';
import { PROGRAM } from '../program.ts';
import { baseSystem } from './base-system.ts';
import { labTest } from './lab.ts';

afterEach(closeTerminals);

const [EXECUTABLE] = PROGRAM;
const BASE_SYSTEM_MS = 10 * 60_000;

labTest('starts in a base system with nothing added', { timeout: BASE_SYSTEM_MS }, async ({ lab, skip }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await host.sh(`
    mkdir /run/base && mount -t tmpfs tmpfs /run/base && mkdir /run/base/over /run/base/work /run/base/root
    mount -t overlay overlay -o lowerdir=${baseSystem(skip)},upperdir=/run/base/over,workdir=/run/base/work /run/base/root
    install ${EXECUTABLE} /run/base/root/usr/local/bin/seaworthy`);
  const run = (words: string) => host.sh(`chroot /run/base/root ${words} || [ $? -le 3 ]`);
  expect(await run('seaworthy --version')).toBe(`seaworthy ${manifest.version}\n`);
  // Pages, and the reader of YAML: chunks from inside.
  expect(await run('seaworthy explain host/swap')).toContain('# host/swap\n');
  expect(await run('seaworthy config')).toContain('# role:');
  // Even /proc is not there: much is unknown then, and it is still a report.
  const bare = reportSchema.parse(JSON.parse(await run('seaworthy check --json')));
  expect(bare.verdict).not.toBe('ready');
  await host.sh('rmdir /run/base/root/tmp');
  await host.sh('mount -t proc proc /run/base/root/proc && mount -t sysfs sysfs /run/base/root/sys');
  const report = reportSchema.parse(
    JSON.parse(await run('seaworthy check --json --only network/interfaces --only kernel/version')),
  );
  expect(report).toMatchObject({ verdict: 'ready', nodes: [{ name: 'w1' }] });

  const session = openTerminal({ command: [...host.entering, 'chroot', '/run/base/root', 'seaworthy'] });
  await session.sees('q quit');
  session.press('q');
  expect([2, 3]).toContain((await session.ended()).code);
});

labTest('reads no file beside it, writes none, and talks to nobody to start', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await host.sh(`install -D ${EXECUTABLE} /run/alone/seaworthy`);
  for (const words of ['--version', 'token', 'explain host/swap', 'config', 'list', '--licenses']) {
    await host.sh(
      `strace -f -qq -e trace=%file,%network,write -o /run/calls /run/alone/seaworthy ${words} > /dev/null`,
    );
    const calls = (await host.sh('cat /run/calls')).split('\n').map((line) => line.replace(/^\d+ +/, ''));
    const opened = calls.filter((call) => /^open(?:at)?\(/.test(call) && !call.endsWith('(No such file or directory)'));
    expect(
      opened.filter((call) => /O_WRONLY|O_RDWR|O_CREAT/.test(call)),
      words,
    ).toEqual([]);
    expect(
      calls.filter((call) => /^(?:mkdir|rename|unlink|symlink|creat|chmod)/.test(call)),
      words,
    ).toEqual([]);
    expect(
      calls.filter((call) => /^(?:connect|bind|sendto|sendmsg)\(/.test(call)),
      words,
    ).toEqual([]);
    expect(
      opened.filter((call) => call.includes('/run/alone/') && !call.includes('/run/alone/seaworthy"')),
      words,
    ).toEqual([]);
  }
});

labTest.for([
  ['read-only', 'mount -t tmpfs -o ro tmpfs /tmp'],
  ['not to be executed from', 'mount -t tmpfs -o noexec tmpfs /tmp'],
] as const)('a /tmp that is %s is no hindrance', async ([, mount], { lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  const inside = host.via('unshare', '--mount', 'sh', '-ec', `${mount}; exec "$@"`, 'sh');
  expect((await inside.check('--only', 'network/interfaces')).verdict).toBe('ready');
});
