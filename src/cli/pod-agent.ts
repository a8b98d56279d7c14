// The way in of what runs inside of pods: a program of its own, started by this one and by nobody else.
import './interpret-schemas.ts';
import { serveInPod } from '../peers/local/pod-agent.ts';
import { exitWith } from '../system/exit.ts';
import { liveSystem } from '../system/live.ts';
import { BROKEN } from './exit-code.ts';

// Each of the files that are not there would take a stack.
Error.stackTraceLimit = 0;
// Whoever started it decides when it ends: a terminal sends its signals to all of its processes.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, () => undefined);
process.on('uncaughtException', () => exitWith(BROKEN));

serveInPod(liveSystem(), SEAWORTHY_VERSION, process.stdin, process.stdout).then(
  () => exitWith(0),
  () => exitWith(BROKEN),
);
