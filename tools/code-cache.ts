/**
 * V8's code caches of the scripts. They hold what has run: this machine is checked once, and nothing of that is kept. Where root builds, that is done in a
 * network of its own with a pod in it, so that what a dry run takes is in the caches as well; it would take a quarter of its time to be compiled.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** @param options Of the runs. @param env Theirs. */
export function makeCodeCache(dist: string, options: readonly string[], env: NodeJS.ProcessEnv): void {
  const directory = join(dist, 'training');
  mkdirSync(directory);
  const run = join(directory, 'run.cjs');
  writeFileSync(run, runKeeping(dist));
  // Without a pod it ends with its input.
  spawnSync(process.execPath, [run, 'pod-agent'], { stdio: 'ignore', env });
  // Its own exit code tells of this machine, and not of the build.
  const check = [run, 'check', ...options, '-o', 'text', '-o', 'json=/dev/null'];
  spawnSync(process.execPath, check, { stdio: ['ignore', 'ignore', 'inherit'], env });
  if (process.geteuid?.() === 0) {
    const pods = ['--pods', 'throw-away', '--skip', 'pods', ...network(directory)];
    const inside = ['--net', '--mount', '/bin/sh', '-ec', NODE, 'sh', process.execPath, ...check, ...pods];
    spawnSync('unshare', inside, { stdio: 'ignore', env });
  }
  rmSync(directory, { recursive: true });
}

/** A script that leaves a cache of what it found in one and what has run since. Agents are started by the same file. */
function runKeeping(dist: string): string {
  return `
    const fs = require('node:fs'), vm = require('node:vm');
    process.removeAllListeners('warning');
    const [, , command] = process.argv;
    const name = ${JSON.stringify(join(dist, '/'))} + (command === 'pod-agent' ? command : 'program');
    const [file, cache] = [name + '.cjs', name + '.cache'];
    const script = new vm.Script(fs.readFileSync(file, 'utf8'), {
      filename: file,
      cachedData: fs.existsSync(cache) ? fs.readFileSync(cache) : undefined,
      importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    const keep = () => {
      fs.writeFileSync(cache + '.new', script.createCachedData());
      fs.renameSync(cache + '.new', cache);
    };
    if (command === 'check' || command === 'pod-agent') process.on('exit', keep);
    script.runInThisContext()((id) => process.getBuiltinModule(id), 'file://' + file);
  `;
}

/** A node with one address: what becomes a command after it. Mounts and interfaces are seen by nobody else, and end with it. */
const NODE = `
  mount -t tmpfs tmpfs /run
  mount -t sysfs sysfs /sys
  ip link set dev lo up
  ip link add name node type bridge
  ip address add 192.0.2.1/24 dev node
  ip link set dev node up
  exec "$@"`;

/** As small as a plugin can be, with an address for one pod. */
const PLUGIN = `#!/bin/sh -e
case $CNI_COMMAND in
  ADD)
    ip link add pod0 type veth peer name eth0 netns "$CNI_NETNS"
    ip address add 198.51.100.1/30 dev pod0
    ip link set dev pod0 up
    nsenter --net="$CNI_NETNS" ip address add 198.51.100.2/30 dev eth0
    nsenter --net="$CNI_NETNS" ip link set dev eth0 up
    nsenter --net="$CNI_NETNS" ip route add default via 198.51.100.1
    echo '{"cniVersion":"1.0.0","interfaces":[{"name":"eth0","sandbox":"pod"}],"ips":[{"address":"198.51.100.2/30","interface":0}]}' ;;
  DEL) ip link delete dev pod0 2>/dev/null || true ;;
  VERSION) echo '{"cniVersion":"1.0.0","supportedVersions":["1.0.0"]}' ;;
esac
`;

function network(directory: string): string[] {
  const bin = join(directory, 'bin');
  const conf = join(directory, 'net.d');
  mkdirSync(bin);
  mkdirSync(conf);
  writeFileSync(join(bin, 'train'), PLUGIN, { mode: 0o755 });
  const list = { cniVersion: '1.0.0', name: 'train', plugins: [{ type: 'train' }] };
  writeFileSync(join(conf, '10-train.conflist'), JSON.stringify(list));
  return ['--cni-bin-dir', bin, '--cni-conf-dir', conf];
}
