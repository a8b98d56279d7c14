import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { labTest } from './lab.ts';
import { cluster, findingsOf, laptop, leftOn, mesh, peers } from './ssh.ts';

const QUICK = ['--only', 'ports/reachable'] as const;

labTest(
  'six nodes, of which four cannot be had, each for another reason, and the others are judged',
  { timeout: 120_000 },
  async ({ lab }) => {
    const { key, known, nodes } = await cluster(lab, [
      {},
      {},
      { refuses: true },
      // Its shell reads and never speaks.
      { sshd: 'ForceCommand exec cat >/dev/null' },
      { installed: false, directories: 'size=1m,mode=1777' },
      { installed: false, directories: 'noexec,mode=1777' },
    ]);
    // It takes connections, and no sshd ever speaks.
    const mute = await lab.host('n7', '10.77.0.7/24');
    await mute.listen('mute', 22, { greeting: '' });
    const own = await laptop(await lab.host('laptop', '10.77.0.100/24'), key, known);
    const addresses = [1, 2, 3, 4, 5, 6].map((index) => `10.77.0.${index}`);
    const { report, code, ms } = await mesh(own, ...QUICK, '--timeout', '2s', ...peers(...addresses));
    expect(code).toBe(3);
    // Three times --timeout for the shell that hangs, and the run.
    expect(ms).toBeLessThan(30_000);
    const told = findingsOf(report).filter(({ reason }) => reason === 'peer-unreachable');
    expect(told.map(({ nodes: [, name], status, subject, message }) => ({ name, status, subject, message }))).toEqual(
      [
        ['10.77.0.3', /^ssh could not get into 10\.77\.0\.3: .*publickey/],
        ['10.77.0.4', /^10\.77\.0\.4: no shell answered over ssh within 6s/],
        ['10.77.0.5', /^10\.77\.0\.5 has no room for the executable|no executable/],
        ['10.77.0.6', /runs no programs|no executable/],
      ].map(([name, message]) => ({
        name,
        status: 'unknown',
        subject: 'ssh',
        message: expect.stringMatching(message ?? '') as string,
      })),
    );
    for (const { remedy } of told) expect(remedy?.text).toMatch(/\w/);
    expect(told[0]?.remedy?.commands).toEqual(['ssh -o BatchMode=yes -- 10.77.0.3 true']);
    const between = findingsOf(report).filter(({ probe }) => probe !== undefined);
    expect(between.filter(({ status }) => status === 'fail')).toEqual([]);
    expect(between.filter(({ status }) => status === 'pass').length).toBeGreaterThan(3);
    await sleep(500);
    for (const node of nodes) expect(await leftOn(node)).toEqual([]);
  },
);
