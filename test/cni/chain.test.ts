import { chmodSync, closeSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addChain, checkChain, delChain, statusChain } from '../../src/cni/chain.ts';
import { fakePlugins, POD, printing } from './fake-plugins.ts';

const RESULT = {
  cniVersion: '1.0.0',
  interfaces: [{ name: 'eth0', sandbox: POD.netns, made: 'by hand' }],
  ips: [{ address: '10.1.0.5/24', interface: 0 }],
  dns: {},
};

test('ADD goes down the chain with the result before it, CHECK with the last one, DEL up again', async () => {
  const fake = fakePlugins();
  fake.heard('first', printing(RESULT));
  fake.heard('second', printing({ ...RESULT, ips: [{ address: '10.1.0.6/24', interface: 0 }] }));
  const chain = fake.chain({}, { type: 'first', odd: { kept: [1, null] } }, { type: 'second' });
  const added = await addChain(chain, POD, fake.running());
  if (!added.ok) throw new Error(added.failure.message);
  expect(added.value.normal.ips).toEqual([{ address: '10.1.0.6/24', gateway: null, interface: 0 }]);
  expect(await checkChain(chain, POD, added.value, fake.running())).toEqual({ ok: true, value: 'checked' });
  expect(await delChain(chain, POD, added.value, fake.running())).toEqual([]);

  const calls = fake.calls();
  expect(calls.map(({ type, verb }) => `${verb} ${type}`)).toEqual([
    'ADD first',
    'ADD second',
    'CHECK first',
    'CHECK second',
    'DEL second',
    'DEL first',
  ]);
  expect(calls[0]?.stdin).toEqual({ type: 'first', odd: { kept: [1, null] }, name: 'net', cniVersion: '1.0.0' });
  expect(calls[1]?.stdin['prevResult']).toEqual(RESULT);
  for (const { stdin } of calls.slice(2)) expect(stdin['prevResult']).toEqual(added.value.raw);
});

test('the environment is the six parameters, a path and a locale', async () => {
  process.env['SEAWORTHY_TOKEN'] = 'secret';
  const fake = fakePlugins();
  fake.heard('only', printing({}));
  await addChain(fake.chain({}, { type: 'only' }), POD, fake.running());
  delete process.env['SEAWORTHY_TOKEN'];
  const { PWD: _, ...env } = fake.calls()[0]?.env ?? {};
  expect(env).toEqual({
    CNI_COMMAND: 'ADD',
    CNI_CONTAINERID: 'pod-1',
    CNI_NETNS: '/run/netns/nowhere',
    CNI_IFNAME: 'eth0',
    CNI_ARGS: 'IgnoreUnknown=1;K8S_POD_NAME=p',
    CNI_PATH: fake.binDir,
    PATH: expect.stringContaining('/usr/sbin'),
    LC_ALL: 'C',
  });
});

test('STATUS is about no pod, asked from 1.1.0 on, and ends with the first no', async () => {
  const fake = fakePlugins();
  fake.heard('able');
  fake.heard('unable', `${printing({ cniVersion: '1.1.0', code: 50, msg: 'no route' })}; exit 1`);
  fake.heard('last');
  const types = [{ type: 'able' }, { type: 'unable' }, { type: 'last' }];
  expect(await statusChain(fake.chain({}, ...types), fake.running())).toEqual({ ok: true, value: 'not-supported' });
  expect(fake.calls()).toEqual([]);
  expect(await statusChain(fake.chain({ cniVersion: '1.1.0' }, ...types), fake.running())).toEqual({
    ok: false,
    failure: { plugin: 'unable', kind: 'said', code: 50, message: 'no route' },
  });
  const calls = fake.calls();
  expect(calls.map(({ type }) => type)).toEqual(['able', 'unable']);
  expect(calls[0]).toMatchObject({ env: { CNI_CONTAINERID: '', CNI_NETNS: '', CNI_IFNAME: '', CNI_ARGS: '' } });
  expect(calls[0]?.stdin).toEqual({ type: 'able', name: 'net', cniVersion: '1.1.0' });
});

test('no CHECK where the network forbids it or is too old, and no previous result for an old DEL', async () => {
  const fake = fakePlugins();
  fake.heard('only', printing({ cniVersion: '0.3.1', ips: [{ version: '4', address: '10.0.0.2/24' }] }));
  const old = fake.chain({ cniVersion: '0.3.1' }, { type: 'only' });
  const added = await addChain(old, POD, fake.running());
  if (!added.ok) throw new Error(added.failure.message);
  const forbidden = fake.chain({ cniVersion: '1.0.0', disableCheck: true }, { type: 'only' });
  for (const chain of [old, forbidden])
    expect(await checkChain(chain, POD, added.value, fake.running())).toEqual({ ok: true, value: 'not-supported' });
  await delChain(old, POD, added.value, fake.running());
  await delChain(forbidden, { ...POD, netns: '' }, added.value, fake.running());
  const [, first, second] = fake.calls();
  expect(first?.stdin).not.toHaveProperty('prevResult');
  expect(second?.env['CNI_NETNS']).toBe('');
  // The result is of another version than the chain.
  expect(second?.stdin['prevResult']).toEqual({
    cniVersion: '1.0.0',
    interfaces: [],
    ips: [{ address: '10.0.0.2/24' }],
    routes: [],
  });
});

test('a failure in the middle stops ADD and carries the last good result; DEL goes on over failures', async () => {
  const fake = fakePlugins();
  fake.heard('first', `[ $CNI_COMMAND = ADD ] && ${printing(RESULT)}`);
  fake.heard('second', `echo 'half a line'; echo oops >&2; exit 3`);
  fake.heard('third', 'kill -SEGV $$');
  const chain = fake.chain({}, { type: 'first' }, { type: 'second' }, { type: 'third' });
  expect(await addChain(chain, POD, fake.running())).toEqual({
    ok: false,
    failure: { plugin: 'second', kind: 'said', code: null, message: 'it ended with 3: half a line' },
    result: { raw: RESULT, normal: expect.objectContaining({ ips: [expect.objectContaining({ interface: 0 })] }) },
  });
  expect(fake.calls().map(({ type }) => type)).toEqual(['first', 'second']);
  fake.heard('first', 'exit 1');
  expect(await delChain(chain, POD, null, fake.running())).toEqual([
    { plugin: 'third', kind: 'killed', code: null, message: 'it was ended by SIGSEGV' },
    { plugin: 'second', kind: 'said', code: null, message: 'it ended with 3: half a line' },
    { plugin: 'first', kind: 'said', code: null, message: 'it ended with 1, without a word' },
  ]);
});

const JUNK = 'what it printed is no JSON: ';
test.each([
  ['prints nothing', 'exit 0', 'junk', null, 'it printed nothing'],
  ['prints junk', 'echo hello', 'junk', null, `${JUNK}hello`],
  ['prints before its JSON', `echo debug; ${printing(RESULT)}`, 'junk', null, expect.stringContaining(`${JUNK}debug`)],
  ['prints a list', 'echo "[]"', 'junk', null, 'what it printed is no result'],
  [
    'has an address that is none',
    printing({ ips: [{ address: '10.0.0.1' }] }),
    'junk',
    null,
    expect.stringContaining('"ips.0.address"'),
  ],
  ['answers in a version to come', printing({ cniVersion: '2.0.0' }), 'junk', null, expect.stringContaining('"2.0.0"')],
  [
    'nests without end',
    `printf '{"a":'; head -c 200000 /dev/zero | tr '\\0' '['`,
    'junk',
    null,
    expect.stringContaining(JUNK),
  ],
  ['ends with an error and 0', printing({ code: 11, msg: 'later' }), 'said', 11, 'later'],
  [
    'ends with an error',
    `${printing({ code: 999, msg: 'no addresses', details: 'in range' })}; exit 1`,
    'said',
    999,
    'no addresses; in range',
  ],
  [
    'speaks another version',
    `${printing({ code: 1, msg: 'incompatible CNI versions' })}; exit 1`,
    'said',
    1,
    'incompatible CNI versions',
  ],
  ['has its words on standard error', 'echo why >&2; exit 2', 'said', null, 'it ended with 2: why'],
  ['prints an error without a message', `echo '{"code":7}'; exit 1`, 'said', null, 'it ended with 1: {"code":7}'],
  ['is ended by a signal', 'echo on >&2; kill -KILL $$', 'killed', null, 'it was ended by SIGKILL; it said: on'],
  ['prints without end', 'yes', 'junk', null, expect.stringContaining('printed more than')],
] as const)('a plugin that %s', async (_, script, kind, code, message) => {
  const fake = fakePlugins();
  fake.plugin('bad', `#!/bin/sh\n${script}\n`);
  const outcome = await addChain(fake.chain({}, { type: 'bad' }), POD, fake.running());
  expect(outcome).toEqual({ ok: false, failure: { plugin: 'bad', kind, code, message }, result: null });
});

test.each([
  ['null', 'echo null'],
  ['no version', printing({})],
  ['an empty version', printing({ cniVersion: '' })],
])('a result that is %s has the version of the chain', async (_, script) => {
  const fake = fakePlugins();
  fake.plugin('only', `#!/bin/sh\n${script}\n`);
  const outcome = await addChain(fake.chain({ cniVersion: '0.4.0' }, { type: 'only' }), POD, fake.running());
  expect(outcome).toMatchObject({
    ok: true,
    value: { raw: { cniVersion: '0.4.0' }, normal: { ips: [], dns: { domain: null } } },
  });
});

test('one that hangs is ended with all that it started', async () => {
  const fake = fakePlugins();
  const pids = join(fake.directory, 'pids');
  fake.plugin('hang', `#!/bin/sh\nsleep 600 &\necho $! $$ > ${pids}\nwait\n`);
  const chain = fake.chain({}, { type: 'hang' });
  expect(await addChain(chain, POD, fake.running({ timeoutMs: 1_500 }))).toEqual({
    ok: false,
    failure: { plugin: 'hang', kind: 'timed-out', code: null, message: 'it gave no answer within 1500ms' },
    result: null,
  });
  const left = readFileSync(pids, 'utf8').trim().split(' ');
  await expect.poll(() => left.filter((pid) => isRunning(pid))).toEqual([]);
});

test('a run that was ended says nothing about the plugin', async () => {
  const fake = fakePlugins();
  fake.plugin('hang', '#!/bin/sh\nsleep 600\n');
  const chain = fake.chain({}, { type: 'hang' });
  for (const signal of [AbortSignal.timeout(200), AbortSignal.abort()])
    expect(await addChain(chain, POD, fake.running({ signal }))).toMatchObject({ failure: { kind: 'stopped' } });
});

test('what is missing, not executable, no program, or nobody’s file', async () => {
  const fake = fakePlugins();
  mkdirSync(join(fake.binDir, 'folder'));
  fake.plugin('plain', '#!/bin/sh\n', 0o644);
  fake.plugin('lost', '#!/nowhere/interpreter\n');
  fake.plugin('junk', '\u007fELF of another machine');
  const kinds = [];
  for (const type of ['absent', 'folder', 'plain', 'lost', 'junk']) {
    const outcome = await addChain(fake.chain({}, { type }), POD, fake.running());
    kinds.push(outcome.ok ? type : outcome.failure.kind);
  }
  expect(kinds).toEqual(['missing', 'missing', 'not-executable', 'cannot-start', 'cannot-start']);
});

test('the first directory that has the file wins', async () => {
  const [one, two] = [fakePlugins(), fakePlugins()];
  two.plugin('only', `#!/bin/sh\n${printing({ dns: { domain: 'two' } })}\n`);
  const chain = { ...one.chain({}, { type: 'only' }), binDirs: [`${one.directory}/none`, one.binDir, two.binDir] };
  expect(await addChain(chain, POD, one.running())).toMatchObject({ value: { normal: { dns: { domain: 'two' } } } });
  one.plugin('only', `#!/bin/sh\n${printing({ dns: { domain: 'one' } })}\n`);
  expect(await addChain(chain, POD, one.running())).toMatchObject({ value: { normal: { dns: { domain: 'one' } } } });
});

test('nothing is run that others can write: the plugin, what it may call, or where it looks', async () => {
  const fake = fakePlugins();
  const loose = fakePlugins();
  chmodSync(loose.binDir, 0o777);
  fake.plugin('open', '#!/bin/sh\necho {}\n', 0o757);
  fake.heard('caller', printing({}));
  const outcomes = [];
  for (const [chain, binDirs] of [
    [fake.chain({}, { type: 'open' }), [fake.binDir]],
    [fake.chain({}, { type: 'caller', ipam: { type: 'open' } }), [fake.binDir]],
    [fake.chain({}, { type: 'caller', delegate: { type: 'open' } }), [fake.binDir]],
    [fake.chain({}, { type: 'caller' }), [fake.binDir, loose.binDir]],
  ] as const)
    outcomes.push(await addChain({ ...chain, binDirs }, POD, fake.running()));
  const refused = (what: string) => ({
    failure: { kind: 'refused', message: `not run: users other than root can write ${what}` },
  });
  const open = refused(`${fake.binDir}/open`);
  expect(outcomes).toMatchObject([open, open, open, refused(loose.binDir)]);
  expect(fake.calls()).toEqual([]);
});

test('a file that is being written is tried again, until the time is up', async () => {
  const fake = fakePlugins();
  fake.plugin('busy', readFileSync('/bin/cat'));
  const chain = fake.chain({}, { type: 'busy' });
  const held = openSync(join(fake.binDir, 'busy'), 'r+');
  expect(await addChain(chain, POD, fake.running({ timeoutMs: 1_000 }))).toMatchObject({
    failure: { kind: 'cannot-start', message: 'its file is being written' },
  });
  setTimeout(() => closeSync(held), 300);
  // It prints what it is told, which is a result without anything in it.
  expect(await addChain(chain, POD, fake.running())).toMatchObject({ ok: true, value: { raw: { type: 'busy' } } });
});

test('what no plugin may be told is a fault of the caller', async () => {
  const fake = fakePlugins();
  const chain = fake.chain({}, { type: 'any' });
  for (const wrong of [
    { containerId: '-x' },
    { ifname: 'sixteen-letters-' },
    { ifname: 'a b' },
    { netns: 'x' },
    { args: { K: 'a;b' } },
  ])
    await expect(addChain(chain, { ...POD, ...wrong }, fake.running())).rejects.toThrow(TypeError);
});

test('the cache has what DEL needs from before the first plugin until all is undone', async () => {
  const fake = fakePlugins();
  const cacheDir = join(fake.directory, 'cache');
  const seen = `ls ${cacheDir}/results > ${fake.directory}/seen`;
  fake.plugin('only', `#!/bin/sh\n${seen}\n[ $CNI_COMMAND = DEL ] && exit 1\n${printing(RESULT)}\n`);
  const chain = fake.chain({}, { type: 'only' });
  const running = fake.running({ cacheDir });
  await addChain(chain, POD, running);
  expect(readFileSync(join(fake.directory, 'seen'), 'utf8')).toBe('net-pod-1-eth0\n');
  expect(await delChain(chain, POD, null, running)).toHaveLength(1);
  expect(readdirSync(join(cacheDir, 'results'))).toEqual(['net-pod-1-eth0']);
  fake.plugin('only', '#!/bin/sh\n');
  expect(await delChain(chain, POD, null, running)).toEqual([]);
  expect(readdirSync(join(cacheDir, 'results'))).toEqual([]);
});

test('nothing runs when the cache cannot be written', async () => {
  const fake = fakePlugins();
  fake.heard('only');
  const running = fake.running({ cacheDir: '/proc/none' });
  await expect(addChain(fake.chain({}, { type: 'only' }), POD, running)).rejects.toMatchObject({ name: 'SystemError' });
  expect(fake.calls()).toEqual([]);
});

function isRunning(pid: string): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
