import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const URL_OF_NETWORK = new URL('../../src/system/live-network.ts', import.meta.url).href;

/** Needs a mount namespace: that of root, or of a user where the kernel allows it. */
const UNSHARE = process.geteuid?.() === 0 ? ['-m'] : ['-rm'];
const allowed = spawnSync('unshare', [...UNSHARE, 'true']).status === 0;

/** What comes of a call while a pipe that nobody writes to lies where a file of the resolver should be. */
function withPipeAt(path: string, call: string): string {
  const script = `
    import { liveNetwork } from ${JSON.stringify(URL_OF_NETWORK)};
    const signal = AbortSignal.timeout(1000);
    const said = await liveNetwork.${call}.then((result) => JSON.stringify(result), ({ code, message }) => code + ' ' + message);
    process.stdout.write(said, () => process.kill(process.pid, 'SIGKILL'));`;
  const shell = `pipe=$(mktemp -u) && mkfifo "$pipe" && mount --bind "$pipe" ${path} && rm -f "$pipe"; exec "$0" --input-type=module -e "$1"`;
  const { stdout } = spawnSync('unshare', [...UNSHARE, 'sh', '-c', shell, process.execPath, script], {
    encoding: 'utf8',
    timeout: 15_000,
    killSignal: 'SIGKILL',
  });
  return stdout;
}

const NAME = { host: 'localhost', port: 1 };

test.runIf(allowed).each([
  ['/etc/resolv.conf', `resolve('localhost', signal)`],
  ['/etc/nsswitch.conf', `resolve('localhost', signal)`],
  ['/etc/resolv.conf', `connect(${JSON.stringify(NAME)}, signal)`],
  ['/etc/resolv.conf', `tlsPeer(${JSON.stringify(NAME)}, null, signal)`],
  ['/etc/resolv.conf', `http({ url: 'https://localhost:1/', signal })`],
])('a pipe at %s is refused before Node opens it: %s', (path, call) => {
  expect(withPipeAt(path, call)).toBe(`ENOTSUP ${path}: it is not a regular file`);
});

test.runIf(allowed)('addresses need no resolver', () => {
  const path = '/etc/resolv.conf';
  expect(withPipeAt(path, `resolve('127.0.0.1', signal)`)).toBe('["127.0.0.1"]');
  expect(withPipeAt(path, `http({ url: 'http://[::1]:1/', signal })`)).toMatch(/^(?:ECONNREFUSED|EADDRNOTAVAIL) /);
  expect(withPipeAt(path, `tryBind('udp', { host: '127.0.0.1', port: 0 })`)).toBe('null');
  expect(withPipeAt(path, `exchange({ host: '127.0.0.1', port: 1 }, Buffer.from('x'), 500, signal)`)).toMatch(
    /^ECONNREFUSED /,
  );
});

test.runIf(allowed)('a pipe at /etc/hosts costs the time limit and no more', () => {
  expect(withPipeAt('/etc/hosts', `resolve('localhost', signal)`)).toBe('ETIMEDOUT localhost: no answer in time');
});
