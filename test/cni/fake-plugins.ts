import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Attachment } from '../../src/cni/chain.ts';
import type { Chain, Running } from '../../src/cni/running.ts';
import { parseList } from '../../src/kubernetes/cni/config-list.ts';
import { liveSystem } from '../../src/system/live.ts';

/** A directory of plugins that are scripts; each call of `heard` ones is written down. */
export interface FakePlugins {
  readonly directory: string;
  readonly binDir: string;
  plugin(name: string, script: string | Buffer, mode?: number): void;
  /** A plugin that notes what it is told, and then runs a script. */
  heard(name: string, script?: string): void;
  /** What the plugins were told, in the order of the calls. */
  calls(): Call[];
  chain(network: object, ...plugins: object[]): Chain;
  running(more?: Partial<Running>): Running;
}

interface Call {
  readonly type: string;
  readonly verb: string;
  readonly env: Record<string, string>;
  readonly stdin: Record<string, unknown>;
}

export function fakePlugins(): FakePlugins {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'seaworthy-chain-')));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const binDir = join(directory, 'bin');
  mkdirSync(binDir);
  const notes = join(directory, 'notes');
  const write = (name: string, script: string | Buffer, mode = 0o755) => {
    writeFileSync(join(binDir, name), script);
    chmodSync(join(binDir, name), mode);
  };
  const system = liveSystem();
  return {
    directory,
    binDir,
    plugin: write,
    heard: (name, script = '') => {
      const note = `{ echo ${name}; env -0 | tr '\\n\\0' '\\001\\002'; echo; cat | tr '\\n' ' '; echo; } >> ${notes}`;
      write(name, `#!/bin/sh\n${note}\n${script}\n`);
    },
    calls: () => {
      const lines = existsSync(notes) ? readFileSync(notes, 'utf8').split('\n') : [];
      const calls: Call[] = [];
      for (let at = 0; at + 2 < lines.length; at += 3) {
        const pairs = (lines[at + 1] ?? '').split('\u0002').filter((pair) => pair !== '');
        const env = Object.fromEntries(pairs.map((pair) => /^([^=]*)=(.*)$/s.exec(pair)?.slice(1) ?? []));
        const stdin = JSON.parse(lines[at + 2] ?? '') as Record<string, unknown>;
        calls.push({ type: lines[at] ?? '', verb: env['CNI_COMMAND'] ?? '', env, stdin });
      }
      return calls;
    },
    chain: (network, ...plugins) => {
      const parsed = parseList(JSON.stringify({ cniVersion: '1.0.0', name: 'net', ...network, plugins }));
      if ('problem' in parsed) throw new Error(parsed.problem);
      return { network: parsed.value, binDirs: [binDir] };
    },
    running: (more) => ({
      programs: system.programs,
      system,
      signal: AbortSignal.timeout(20_000),
      timeoutMs: 5_000,
      cacheDir: null,
      ...more,
    }),
  };
}

export const POD: Attachment = {
  containerId: 'pod-1',
  netns: '/run/netns/nowhere',
  ifname: 'eth0',
  args: { IgnoreUnknown: '1', K8S_POD_NAME: 'p' },
  capabilities: {},
};

export const printing = (result: unknown) => `echo '${JSON.stringify(result)}'`;
