import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { handedDown, holdFile } from '../../src/system/held-file.ts';
import { liveSystem } from '../../src/system/live.ts';
import { isAlive, killProcess, processIdentity, processesWith } from '../../src/system/process-identity.ts';
import { startProgram } from '../../src/system/start-program.ts';

const sh = (script: string, ...handed: number[]) => startProgram('/bin/sh', ['-c', script], handed);

test('a program goes on until its input is closed, and says what it likes', async () => {
  const program = await sh('echo news >&3; exec 3>&-; echo oops >&2; cat');
  expect(await text(program.news)).toBe('news\n');
  program.input.end('said');
  expect(await text(program.output)).toBe('said');
  await program.ended;
  expect(program.complaint()).toBe('oops');
});

test('one that is not there', async () => {
  await expect(startProgram('/nowhere/program', [])).rejects.toMatchObject({ why: 'missing', name: 'SystemError' });
});

test('files that are held are handed down, and known again', async () => {
  const held = holdFile('/proc/self/ns/net');
  expect(held.identity).toMatch(/^net:\[\d+\]$/);
  expect(handedDown(held.identity)?.descriptor).toBe(held.descriptor);
  const program = await sh('readlink /proc/$$/fd/4', held.descriptor);
  expect((await text(program.output)).trim()).toBe(held.identity);
  held.close();
  expect(handedDown(held.identity)).toBeNull();
});

test('a process is known by its number and its start', async () => {
  const system = liveSystem();
  const { pid, ended } = await sh('read -r nothing');
  const identity = await processIdentity(system, pid);
  if (identity === null) throw new Error('it is not there');
  expect(await isAlive(system, identity)).toBe(true);
  expect(await isAlive(system, { ...identity, started: '1' })).toBe(false);
  killProcess(pid);
  await ended;
  expect(await isAlive(system, identity)).toBe(false);
  killProcess(pid);
});

test('processes are found by what they were started with', async () => {
  const value = `seaworthy-${process.pid}`;
  const program = await sh(`CNI_CONTAINERID=${value} sh -c 'echo >&3; sleep 1000' & wait`);
  await new Promise((resolve) => program.news.once('data', resolve));
  const find = () => processesWith(liveSystem(), 'CNI_CONTAINERID', [value, 'another']);
  const found = await find();
  expect(found.length).toBeGreaterThan(0);
  expect(await processesWith(liveSystem(), 'CNI_CONTAINERID', [value.slice(0, -1)])).toEqual([]);
  for (const pid of [...found, program.pid]) killProcess(pid);
  await program.ended;
  await expect.poll(find).toEqual([]);
});
