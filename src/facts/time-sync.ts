import * as z from 'zod';
import { SystemError, type System } from '../system/system.ts';
import { CHRONY_PORT, parseTracking, trackingRequest } from './parts/chrony-tracking.ts';
import { defineFact } from './define-fact.ts';
import { processesShown } from './parts/processes-shown.ts';
import { readSockets } from './parts/socket-table.ts';
import { NTP_PORT, parseSntp, sntpRequest } from './parts/sntp.ts';

/** A daemon of this machine that holds its port answers at once, and on a machine that is busy with something else a little later. */
const WAIT_MS = 1_000;

const answer = () =>
  z.object({
    daemon: z.enum(['systemd-timesyncd', 'chronyd', 'an NTP server']).describe('who said it'),
    synchronised: z.boolean().describe('whether the clock is'),
    stratum: z
      .number()
      .nullable()
      .describe('steps from a reference clock, 1 to 15; null where the daemon does not tell'),
  });

const schema = () =>
  z.object({
    asked: z.boolean().describe('false: a directory, whose daemons cannot be asked'),
    sharedClock: z.boolean().describe('a container: its clock is the host’s'),
    answers: z.array(answer()).describe('what time daemons of this machine say of its clock'),
    otherProcesses: z.enum(['shown', 'hidden', 'not-recorded']).describe('whether a daemon that runs could be seen'),
  });

type Answer = z.infer<ReturnType<typeof answer>>;

export default defineFact({
  title: 'clock synchronisation',
  schema,
  read: async (system, { signal }) => {
    const [sharedClock, timesyncd, otherProcesses] = await Promise.all([
      isContainer(system),
      askTimesyncd(system),
      processesShown(system),
    ]);
    // Only one of them disciplines a clock: when it says so, the others need not be asked.
    const others =
      system.live && timesyncd?.synchronised !== true
        ? await Promise.all([askChronyd(system, signal), askNtpServer(system, signal)])
        : [];
    const answers = [timesyncd, ...others].filter((each) => each !== null);
    return { asked: system.live, sharedClock, answers, otherProcesses };
  },
});

async function isContainer(system: System): Promise<boolean> {
  // systemd and Podman write them. Docker's /.dockerenv stays in virtual machines made from an image, so it proves nothing.
  const marks = ['/run/systemd/container', '/run/.containerenv'];
  const found = await Promise.all(marks.map((path) => system.status(path)));
  return found.some((status) => status !== null);
}

/** systemd-timesyncd.service(8): the daemon's runtime directory goes with it, the file in it comes with the first synchronisation. */
async function askTimesyncd(system: System): Promise<Answer | null> {
  const names = await system.listIfThere('/run/systemd/timesync');
  const running = names.length > 0 || (await system.status('/run/systemd/timesync')) !== null;
  return running ? { daemon: 'systemd-timesyncd', synchronised: names.includes('synchronized'), stratum: null } : null;
}

async function askChronyd(system: System, signal: AbortSignal): Promise<Answer | null> {
  const reply = await ask(system, CHRONY_PORT, trackingRequest(), signal);
  const tracking = reply === null ? null : parseTracking(reply);
  return tracking === null
    ? null
    : { daemon: 'chronyd', synchronised: tracking.synchronised, stratum: tracking.stratum };
}

async function askNtpServer(system: System, signal: AbortSignal): Promise<Answer | null> {
  const reply = await ask(system, NTP_PORT, sntpRequest(), signal);
  const state = reply === null ? null : parseSntp(reply);
  return state === null ? null : { daemon: 'an NTP server', ...state };
}

/** Null when nothing answers there; no daemon has to. */
async function ask(system: System, port: number, request: Buffer, signal: AbortSignal): Promise<Buffer | null> {
  if (!(await isBound(system, port))) return null;
  try {
    return await system.network.exchange({ host: '127.0.0.1', port }, request, WAIT_MS, signal);
  } catch (error) {
    if (error instanceof SystemError && error.why !== 'timeout') return null;
    throw error;
  }
}

/** Whether anything has the UDP port, or that cannot be seen: a socket of our own costs more than this look. */
async function isBound(system: System, port: number): Promise<boolean> {
  try {
    return (await readSockets(system)).some((socket) => socket.protocol === 'udp' && socket.port === port);
  } catch (error) {
    if (error instanceof SystemError) return true;
    throw error;
  }
}
