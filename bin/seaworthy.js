#!/usr/bin/env node
// The launcher, and nothing else: runs the program on this Node, or on the pinned Node 24 when this one is too old. Only
// syntax that an old Node can read, so that it can say what is wrong.
import { createRequire } from 'module';
import { fileURLToPath } from 'url';

const OLDEST_FOR_THE_PROGRAM = 22;
const OLDEST_FOR_THE_LAUNCHER = 20;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2', 'SIGCONT', 'SIGWINCH'];

// A build makes it when all that it loads is there.
const main = new URL('../dist/main.js', import.meta.url);

start().catch((error) => {
  const notBuilt = error.code === 'ERR_MODULE_NOT_FOUND';
  refuse(
    notBuilt
      ? 'it is not built yet, or just now; run `npm install` or `npm run build` in its directory.'
      : error.message,
  );
});

async function start() {
  const { node } = process.versions;
  const major = Number(node.split('.')[0]);
  // 22.0 to 22.2 lack it.
  if (major >= OLDEST_FOR_THE_PROGRAM && process.getBuiltinModule) return import(main.href);
  if (major < OLDEST_FOR_THE_LAUNCHER) {
    return refuse(`this is Node ${node}, and it needs Node ${OLDEST_FOR_THE_LAUNCHER} or newer.`);
  }
  const pinned = pinnedNode();
  if (pinned !== null) return handOver(pinned);
  return refuse(
    `this is Node ${node}; install Node ${OLDEST_FOR_THE_PROGRAM} or newer, or reinstall seaworthy with its optional dependencies.`,
  );
}

function refuse(sentence) {
  process.stderr.write(`seaworthy: ${sentence}\n`);
  process.exitCode = 3;
}

/** The interpreter of the optional dependency for this platform, or null. */
function pinnedNode() {
  try {
    return createRequire(import.meta.url).resolve(`node-linux-${process.arch}/bin/node`);
  } catch {
    return null;
  }
}

/** Runs the program on another Node: signals are passed on, and how it ended is how this ends. */
async function handOver(node) {
  const { existsSync } = await import('fs');
  if (!existsSync(main)) throw Object.assign(new Error('no dist/main.js'), { code: 'ERR_MODULE_NOT_FOUND' });
  const { spawn } = await import('child_process');
  // The channel is there so that the program notices when its launcher is gone.
  const child = spawn(node, [fileURLToPath(main), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    refuse(`${node} does not start (${error.code || error.message}); install Node ${OLDEST_FOR_THE_PROGRAM} or newer.`);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code === null ? 3 : code;
      return;
    }
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
