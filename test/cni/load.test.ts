import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfDir } from '../../src/cni/load.ts';
import { rootedSystem } from '../../src/system/rooted.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'seaworthy-net.d-'));
  mkdirSync(join(root, 'net.d'));
});
afterEach(() => rmSync(root, { recursive: true }));

const write = (name: string, text: string | Buffer) => writeFileSync(join(root, 'net.d', name), text);
const load = () => loadConfDir(rootedSystem(root), '/net.d');
const good = '{"cniVersion":"1.0.0","name":"n","plugins":[{"type":"bridge"}]}';

test('three extensions in the order of bytes; nothing else', async () => {
  for (const name of ['20-b.json', '10-a.conf']) write(name, '{"name":"n","type":"ptp"}');
  for (const name of ['B.conflist', 'a.conflist', 'x.conflist.bak', 'y.conf~', 'README', '99.conflist.unused'])
    write(name, good);
  mkdirSync(join(root, 'net.d', 'dir.conf'));
  expect((await load()).map(({ name }) => name)).toEqual(['10-a.conf', '20-b.json', 'B.conflist', 'a.conflist']);
});

test('what is broken says why, and never stops the others', async () => {
  write('01.conflist', Buffer.alloc(3 * 1024 * 1024, 0x20));
  write('02.conflist', Buffer.from([0xff, 0xfe, 0, 1]));
  write('03.conf', good);
  write('04.conflist', '{"name":"n","plugins":[{"type":"../x"}]}');
  symlinkSync('/nowhere', join(root, 'net.d', '05.conflist'));
  mkdirSync(join(root, 'elsewhere'));
  symlinkSync('/elsewhere', join(root, 'net.d', '06.conflist'));
  write('07.conflist', '{"name":"empty"}');
  write('08.conflist', good);
  const files = await load();
  expect(files.map((file) => (file.state === 'broken' ? file.problem : file.state))).toEqual([
    'it is larger than 2097152 bytes',
    'it is not valid JSON',
    'it holds a list of plugins, which only a .conflist file may',
    'a plugin type is a path, and not a name',
    'it is a link to nothing',
    'it is a directory',
    'it has no plugins',
    'valid',
  ]);
});

test('plugins from the directory named like the network', async () => {
  write('10.conflist', '{"cniVersion":"1.1.0","name":"net","plugins":[{"type":"bridge"}]}');
  write(
    '20.conflist',
    '{"cniVersion":"1.1.0","name":"net","loadOnlyInlinedPlugins":"true","plugins":[{"type":"bridge"}]}',
  );
  mkdirSync(join(root, 'net.d', 'net'));
  writeFileSync(join(root, 'net.d', 'net', 'b.conf'), '{"type":"tuning"}');
  writeFileSync(join(root, 'net.d', 'net', 'a.conf'), '{"type":"portmap"}');
  writeFileSync(join(root, 'net.d', 'net', 'ignored.json'), '{"type":"x"}');
  const types = (await load()).map((file) =>
    file.state === 'valid' ? file.network.plugins.map(({ type }) => type) : [],
  );
  expect(types).toEqual([['bridge', 'portmap', 'tuning'], ['bridge']]);
  writeFileSync(join(root, 'net.d', 'net', 'a.conf'), '{}');
  expect((await load())[0]).toMatchObject({
    state: 'broken',
    problem: 'net/a.conf: "type": expected string, received undefined',
  });
});

test('no directory, no files', async () => {
  expect(await loadConfDir(rootedSystem(root), '/nowhere')).toEqual([]);
});
