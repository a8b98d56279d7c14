/** How often the main thread shows that it is there. */
const BEAT_MS = 500;

let stop: () => void = () => undefined;

/**
 * Ends the program with this code and this line on standard error when its main thread has been in one piece of code for `limit` milliseconds: nothing
 * else can, since signals and timers wait for that thread too.
 */
export async function watchMainThread(limit: number, code: number, line: string): Promise<void> {
  const { Worker } = await import('node:worker_threads');
  const beat = new Int32Array(new SharedArrayBuffer(4));
  const show = (count: number) => {
    Atomics.store(beat, 0, count);
    Atomics.notify(beat, 0);
  };
  let beats = 0;
  const beating = setInterval(() => show(++beats), BEAT_MS);
  beating.unref();
  stop = () => {
    clearInterval(beating);
    show(OVER);
  };
  const workerData = { beat, limit, grace: 4 * BEAT_MS, code, line: `${line}\n`, over: OVER };
  new Worker(WATCH, { eval: true, workerData }).unref();
}

/** What follows may take as long as it takes: writing waits for whoever reads. */
export function stopWatching(): void {
  stop();
}

const OVER = -1;

/**
 * A thread cannot end the program with a code, but the debugger can make the main thread do so, as leave.ts does. Standard error leads to nowhere
 * by then: the debugger would print that it waits. The whole process may have slept: then the main thread has a moment to beat before it counts as stuck.
 */
const WATCH = `
const { workerData: { beat, limit, grace, code, line, over } } = require('node:worker_threads');
const { writeSync } = require('node:fs');
const { Session } = require('node:inspector');
const stuck = (seen) => Atomics.wait(beat, 0, seen, limit) === 'timed-out' && Atomics.wait(beat, 0, seen, grace) === 'timed-out';
const watch = () => {
  while (true) {
    const seen = Atomics.load(beat, 0);
    if (seen === over || stuck(seen)) return seen;
  }
};
if (watch() !== over) end();

function end() {
  writeSync(2, line);
  const session = new Session();
  session.connectToMainThread();
  session.on('Debugger.paused', ({ params: { callFrames: [{ callFrameId }] } }) => {
    const expression = '{ const { closeSync, openSync } = globalThis.process.getBuiltinModule("node:fs"); closeSync(2); openSync("/dev/null", "w");'
      + 'globalThis.process.execve("/bin/sh", ["sh", "-c", "exit ' + code + '"], {}); }';
    session.post('Debugger.evaluateOnCallFrame', { callFrameId, expression });
  });
  session.post('Debugger.enable');
  session.post('Debugger.pause');
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), grace);
}
`;
