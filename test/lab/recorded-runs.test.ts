import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { linesOf, RECORDED, recording, type Recorded } from '../tui/recordings.ts';
import { labTest, TOKEN_FILE, type Host } from './lab.ts';
import { rules } from './reach.ts';

/**
 * What the tests and pictures of the UI show is recorded here, from real hosts: SEAWORTHY_GOLDENS=write writes it anew, otherwise it is held against what
 * happens today.
 */
const RECORDER = join(import.meta.dirname, '../tui/recorder.ts');

async function recorded(host: Host, ...args: readonly string[]): Promise<string> {
  return host.sh(`LANG=C.UTF-8 ${process.execPath} ${RECORDER} ${args.join(' ')}`);
}

/** What does not differ from run to run, nor from machine to machine. */
function gist(events: readonly Recorded[]): readonly string[] {
  return events.flatMap(({ event }) =>
    event.type === 'finished'
      ? event.report.checks
          .filter(({ id }) => id.startsWith('ports/') || id === 'kernel/ip-forward')
          .flatMap(({ findings }) => findings)
          .filter(({ status }) => status === 'fail')
          .map(({ nodes, subject, reason }) => `${nodes.join(' to ')} ${subject} ${reason}`)
      : [],
  );
}

function hold(name: 'between-nodes' | 'one-node', text: string): void {
  if (process.env['SEAWORTHY_GOLDENS'] === 'write') writeFileSync(join(RECORDED, `${name}.jsonl`), text);
  // A machine that is busy decides less, and nothing else.
  expect(gist(recording(name))).toEqual(expect.arrayContaining([...gist(linesOf(text))]));
  expect(gist(linesOf(text))).not.toEqual([]);
}

labTest('a control plane and its three peers, with a fault of each kind between them', async ({ lab }) => {
  const own = await lab.host('cp1', '10.77.0.11/24');
  const cp2 = await lab.host('cp2', '10.77.0.12/24');
  const w1 = await lab.host('w1', '10.77.0.21/24');
  const w2 = await lab.host('w2', '10.77.0.22/24');
  // Otherwise they were clones of one image.
  for (const [index, host] of [own, cp2, w1, w2].entries())
    host.write('/etc/machine-id', `${String(index).repeat(31)}a\n`);
  await own.sh('sysctl -qw net.ipv4.ip_forward=0');
  await own.listen('nginx', 10249);
  await w1.peer('--role', 'worker');
  await w2.peer('--role', 'worker');
  await cp2.peer('--role', 'control-plane');
  await rules(w1, { input: ['ip saddr 10.77.0.11 tcp dport 10250 drop', 'tcp dport 30500-30699 drop'] });
  await rules(w2, { input: ['tcp dport 10250 reject'], output: ['udp sport 8472 drop'] });
  const peers = ['control-plane@10.77.0.12', 'worker@10.77.0.21', 'worker@10.77.0.22'];
  hold(
    'between-nodes',
    await recorded(
      own,
      '--role',
      'control-plane',
      '--cni',
      'flannel',
      '--token-file',
      TOKEN_FILE,
      ...peers.flatMap((peer) => ['--peer', peer]),
    ),
  );
});

labTest('a worker by itself', async ({ lab }) => {
  const own = await lab.host('w1', '10.77.0.21/24');
  await own.sh('sysctl -qw net.ipv4.ip_forward=0');
  await own.listen('nginx', 10250);
  hold('one-node', await recorded(own, '--role', 'worker'));
});
