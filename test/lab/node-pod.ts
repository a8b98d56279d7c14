import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Host } from './lab.ts';
import type { Image } from './image.ts';
import type { PodSpec } from './manifests.ts';

const run = promisify(execFile);

/** A host of the lab as a machine of its own: its first process is number 1, and its /proc shows no other machine's. */
export interface Machine {
  readonly host: Host;
  /** What stands before a command that is to run on it. */
  readonly entering: readonly string[];
  sh(script: string): Promise<string>;
  /** A process of this name and user that listens, once it does. */
  listen(program: string, port: number, uid?: number): Promise<void>;
}

export async function machineOf(host: Host): Promise<Machine> {
  const [nsenter = '', ...enter] = host.entering;
  const first = 'mount -t proc proc /proc && echo ready && exec sleep infinity';
  const child = spawn(nsenter, [...enter, 'unshare', '--pid', '--fork', '--mount', 'sh', '-ec', first], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', () => reject(new Error(`${host.name} did not become a machine`)));
  });
  const pid = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
  const entering = ['nsenter', '--target', pid, '--mount', '--pid', '--net', '--uts', '--'];
  const [program = '', ...args] = entering;
  const sh = async (script: string) =>
    (await run(program, [...args, 'sh', '-ec', script], { maxBuffer: 64 * 1024 * 1024 })).stdout;
  return {
    host,
    entering,
    sh,
    listen: async (name, port, uid = 0) => {
      const executable = `/run/programs/${name}`;
      await sh(
        `mkdir -p /run/programs && cp ${process.execPath} ${executable} && setpriv --reuid ${uid} --clear-groups ${executable} -e "
          require('node:fs').writeFileSync('/proc/self/comm', '${name}');
          require('node:http').createServer((request, response) => response.end('ok')).listen(${port}, '::')" >/dev/null 2>&1 &
        for i in $(seq 100); do ss -Htln sport = ${port} | grep -q . && exit; sleep 0.1; done; exit 1`,
      );
    },
  };
}

export interface PodRun {
  /** Files that the pod has of its cluster, by the path of their directory. */
  readonly files: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly environment: Readonly<Record<string, string>>;
  /** In place of those of the manifest. */
  readonly args?: readonly string[];
  readonly capabilities?: readonly string[];
  /** The container has a network of its own instead. */
  readonly ownNetwork?: boolean;
}

export interface NodePod {
  /** Settles with what it printed once it ends. */
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
  /** As a kubelet does. */
  stop(): Promise<void>;
}

/** What containerd gives a pod of these options, by runc: its file system is the image, over which nothing can be written. */
export function startPod({ entering, host }: Machine, image: Image, pod: PodSpec, options: PodRun): NodePod {
  const directory = mkdtempSync(join(tmpdir(), `seaworthy-pod-${host.name}-`));
  for (const name of ['upper', 'work', 'rootfs']) mkdirSync(join(directory, name));
  for (const [place, files] of Object.entries(options.files)) {
    mkdirSync(join(directory, place), { recursive: true });
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(directory, place, name), text, { mode: 0o400 });
  }
  writeFileSync(join(directory, 'config.json'), JSON.stringify(configuration(directory, image, pod, options)));
  const script = `
    mount -t overlay overlay -o lowerdir=${image.directory},upperdir=${directory}/upper,workdir=${directory}/work ${directory}/rootfs
    exec runc --root ${directory}/state run --bundle ${directory} ${directory.split('/').at(-1)}`;
  const [program = '', ...args] = entering;
  const child = spawn(program, [...args, 'unshare', '--mount', 'sh', '-ec', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const ended = new Promise<Awaited<NodePod['ended']>>((done) => {
    child.once('close', (code) => {
      rmSync(directory, { recursive: true, force: true });
      done({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
    });
  });
  return {
    ended,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const [, runc] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').match(/^(\d+)/) ?? [];
      if (runc !== undefined) process.kill(Number(runc), 'SIGTERM');
      await ended;
    },
  };
}

function configuration(directory: string, image: Image, pod: PodSpec, options: PodRun) {
  const [{ args, env, securityContext, volumeMounts }] = pod.containers;
  const { NODE_NAME = '' } = options.environment;
  const environment = {
    ...Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]))),
    ...options.environment,
  };
  const said = (options.args ?? args).map((arg) => arg.replace('$(NODE_NAME)', NODE_NAME));
  const capabilities = (options.capabilities ?? securityContext.capabilities.add).map((name) => `CAP_${name}`);
  const special = [
    { destination: '/proc', type: 'proc', source: 'proc' },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
  ];
  const given = Object.keys(options.files).map((place) => ({
    destination: place,
    type: 'bind',
    source: join(directory, place),
    options: ['bind', 'ro'],
  }));
  const mounted = volumeMounts.flatMap(({ name, mountPath, mountPropagation }) => {
    const path = pod.volumes.find((volume) => volume.name === name)?.hostPath?.path;
    const slave = mountPropagation === 'HostToContainer' ? 'rslave' : 'rprivate';
    return path === undefined
      ? []
      : [{ destination: mountPath, type: 'bind', source: path, options: ['rbind', slave, 'ro'] }];
  });
  const namespaces = [
    'mount',
    'ipc',
    ...(pod.hostPID ? [] : ['pid']),
    ...(options.ownNetwork === true ? ['network'] : []),
  ];
  return {
    ociVersion: '1.0.2',
    process: {
      user: { uid: securityContext.runAsUser, gid: 0 },
      args: [image.entrypoint, ...said],
      env: ['PATH=/usr/sbin:/usr/bin', ...Object.entries(environment).map((pair) => pair.join('='))],
      cwd: '/',
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      noNewPrivileges: !securityContext.allowPrivilegeEscalation,
    },
    root: { path: 'rootfs', readonly: securityContext.readOnlyRootFilesystem },
    mounts: [...special, ...mounted, ...given],
    linux: {
      namespaces: namespaces.map((type) => ({ type })),
      maskedPaths: ['/proc/kcore', '/proc/keys', '/proc/timer_list', '/sys/firmware'],
      readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
    },
  };
}
