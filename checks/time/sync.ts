import type { Facts } from '../../src/evidence/facts.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { installCommand } from '../../src/kubernetes/packages.ts';
import { CLOCK_PROGRAMS } from '../../src/kubernetes/programs.ts';

type Answer = Facts['timeSync']['answers'][number];

const WHY =
  'A clock that drifts more than minutes makes the node refuse certificates and tokens that are valid, and etcd and logs contradict each other.';

/** A command that shows why a daemon has no source. */
const LOOK: Readonly<Record<Answer['daemon'], string>> = {
  'systemd-timesyncd': 'timedatectl timesync-status',
  chronyd: 'chronyc -n sources',
  'an NTP server': 'ntpq -pn',
};

export default defineCheck({
  id: 'time/sync',
  title: 'the clock is synchronised',
  docs: 'https://www.freedesktop.org/software/systemd/man/latest/systemd-timesyncd.service.html',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  reasons: {
    synchronised: 'pass',
    unsynchronised: 'warn',
    undetermined: 'unknown',
    'shared-clock': 'skip',
    'not-shown': 'skip',
  },
  needs: ['timeSync'],
  wants: ['processes'],
  judge({ timeSync, processes }) {
    const { asked, sharedClock, answers, otherProcesses } = timeSync;
    const subject = 'clock';
    const evidence = { answers };
    const good = answers.find(({ synchronised }) => synchronised);
    if (good !== undefined)
      return [{ subject, reason: 'synchronised', message: `${good.daemon} keeps the clock synchronised.`, evidence }];
    if (!asked)
      return [
        { subject, reason: 'not-shown', message: 'A directory does not show whether the clock is synchronised.' },
      ];
    const [silent] = answers;
    if (silent !== undefined) {
      const { daemon } = silent;
      return [
        {
          subject,
          reason: 'unsynchronised',
          message: `${daemon} runs, and has not synchronised the clock.`,
          why: WHY,
          expected: 'synchronised',
          actual: `${daemon} has no time source`,
          evidence,
          remedy: {
            text: 'Right after a boot, wait a minute. Otherwise see whether its servers answer: UDP port 123 must be open to them.',
            commands: [LOOK[daemon]],
          },
        },
      ];
    }
    if (sharedClock)
      return [
        {
          subject,
          reason: 'shared-clock',
          message: 'This is a container: its clock is the host’s, and is synchronised there.',
        },
      ];
    const names: readonly string[] = CLOCK_PROGRAMS;
    const running = 'value' in processes ? processes.value.running.filter(({ name }) => names.includes(name)) : null;
    if (running === null || otherProcesses !== 'shown')
      return [
        {
          subject,
          reason: 'undetermined',
          message: 'No time daemon answered, and processes of other users are hidden: one may run.',
        },
      ];
    const [daemon] = running;
    if (daemon !== undefined) {
      return [
        {
          subject,
          reason: 'undetermined',
          message: `${daemon.name} runs, and does not tell local programs whether the clock is synchronised.`,
          evidence: { running: running.map(({ name }) => name) },
        },
      ];
    }
    return [
      {
        subject,
        reason: 'unsynchronised',
        message: 'No time daemon runs: nothing keeps the clock right.',
        why: WHY,
        expected: 'chronyd, systemd-timesyncd or another time daemon',
        actual: 'none',
        evidence,
        remedy: {
          text: 'Install a time daemon and let it start with the machine.',
          commands: [
            installCommand('chrony', 'chrony'),
            'systemctl enable --now "$(test -e /lib/systemd/system/chrony.service && echo chrony || echo chronyd)"',
          ],
        },
      },
    ];
  },
});
