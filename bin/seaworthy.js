#!/usr/bin/env node
// The launcher, and nothing else: runs the program on this Node, or on the pinned Node 24 when this one is too old.
import { createRequire } from 'node:module';

const OLDEST = 22;

if (Number(process.versions.node.split('.')[0]) >= OLDEST) {
  await import('../dist/main.js');
} else {
  const node = pinnedNode();
  if (node === null) {
    process.stderr.write(
      `seaworthy needs Node ${OLDEST} or newer (this is ${process.versions.node}): install one, or reinstall seaworthy with its optional dependencies.\n`,
    );
    process.exitCode = 3;
  } else {
    await handOver(node);
  }
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
  const { spawn } = await import('node:child_process');
  const main = new URL('../dist/main.js', import.meta.url).pathname;
  // The channel is there so that the program notices when its launcher is gone.
  const child = spawn(node, [decodeURIComponent(main), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGCONT', 'SIGWINCH']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('error', (error) => {
    process.stderr.write(
      `seaworthy: ${node} does not start (${error.code ?? error.message}): install Node ${OLDEST} or newer.\n`,
    );
    process.exitCode = 3;
  });
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code ?? 3;
      return;
    }
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
