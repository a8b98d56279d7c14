import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

/**
 * Who may import whom: the table of section 2 of the design, as it stands there. A room is a directory of src, or checks. `import type` of the rooms
 * of TYPES is free for all. What a room may use of itself is not said.
 */
const DESIGNED: Readonly<Record<string, readonly string[]>> = {
  checks: ['judging', 'kubernetes', 'values'],
  judging: ['kubernetes', 'values'],
  facts: ['system', 'kubernetes', 'values'],
  probes: ['system', 'kubernetes', 'values'],
  cni: ['system', 'kubernetes', 'values'],
  pods: ['cni', 'probes', 'system'],
  peers: ['facts', 'pods', 'probes', 'system'],
  evidence: ['facts', 'peers', 'cluster'],
  engine: ['kubernetes', 'values'],
  report: ['values'],
  tui: ['values'],
  serve: ['values'],
};

/** What the table leaves open, and no more than is needed. */
const ADDED: Readonly<Record<string, readonly string[]>> = {
  // A fact that cannot be read throws an error of the System, which evidence tells apart from others.
  // What stays unredacted, because every machine has it, is data.
  evidence: ['kubernetes', 'plan', 'system', 'values'],
  // Which file wins and what the plugins answer to VERSION is the protocol's business, and worth a fact; so is what the API of a running cluster tells.
  facts: ['cni', 'cluster'],
  // Which ports a peer may open is data, and what was said of a cluster travels between nodes as it is saved.
  peers: ['kubernetes', 'plan', 'values'],
  plan: ['kubernetes', 'values'],
  // What runs on a node is a peer, over the pipes of ssh; an inventory is wrong as a configuration is.
  fleet: ['peers', 'plan', 'system', 'values'],
  // Which plugins cannot be run by hand is data; what a pod has is held against the result as addresses and networks.
  pods: ['kubernetes', 'values'],
  // Hands to authors what our own checks and facts are made of, and holds what they made against the engine.
  plugins: ['engine', 'facts', 'judging', 'plan', 'system', 'values'],
  // What a report says is said in one way, on paper and on the screen.
  tui: ['report'],
  // What is served are the formats of a report, and sockets fail like those of peers.
  serve: ['report', 'system'],
  // Reads files and runs credential programs by the System, and nothing else of this machine.
  cluster: ['system', 'kubernetes', 'values'],
  system: ['values'],
  kubernetes: ['values'],
  values: [],
};

function mayImport(from: string, to: string): boolean {
  return [DESIGNED, ADDED].some((arrows) => arrows[from]?.includes(to) === true);
}

/** Their types are the words that all rooms share. */
const TYPES = ['plan', 'evidence', 'engine', 'report'];

/** Modules of Node and of others that only some rooms may use. */
const DOORS: readonly { readonly modules: RegExp; readonly rooms: readonly string[] }[] = [
  { modules: /^node:(?:fs|child_process)(?:\/|$)/, rooms: ['system', 'fleet'] },
  {
    modules: /^node:(?:net|dgram|tls|https?|http2|dns)(?:\/|$)/,
    rooms: ['system', 'probes', 'peers', 'cluster', 'serve'],
  },
  { modules: /^(?:ink|react)(?:\/|$)/, rooms: ['tui'] },
];

interface Import {
  readonly file: string;
  readonly from: string;
  readonly kind: 'value' | 'type' | 'dynamic';
  /** As it is written: a module, or a path. */
  readonly what: string;
  /** The file of ours that it is, or null for a module. */
  readonly path: string | null;
  /** The room that it is in, or null for a module. */
  readonly to: string | null;
}

const ROOT = join(import.meta.dirname, '..');
const files = globSync(['src/**/*.{ts,tsx}', 'checks/**/*.ts'], { cwd: ROOT }).filter(
  (file) => !file.endsWith('.d.ts'),
);
const imports = files.flatMap((file) => importsOf(file, readFileSync(join(ROOT, file), 'utf8')));

function roomOf(file: string): string {
  const [top = '', room = ''] = file.split('/');
  return top === 'src' ? room : top;
}

function importsOf(file: string, text: string): Import[] {
  const code = text.replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, '');
  const found = [
    ...code.matchAll(/^(?:import|export)\s+(?<type>type\s)?(?:[^'";]*?\sfrom\s+)?'(?<what>[^']+)'/gm),
    ...code.matchAll(/(?<dynamic>\bimport)\(\s*'(?<what>[^']+)'\s*\)/g),
  ];
  return found.map(({ groups = {} }) => {
    const what = groups['what'] ?? '';
    const kind = groups['dynamic'] !== undefined ? 'dynamic' : groups['type'] !== undefined ? 'type' : 'value';
    const path = what.startsWith('.') ? normalize(join(dirname(file), what)) : null;
    return { file, from: roomOf(file), kind, what, path, to: path === null ? null : roomOf(path) };
  });
}

const shown = (wrong: readonly Import[]) => wrong.map(({ file, what }) => `${file} → ${what}`);

test('the imports are seen', () => {
  expect(imports.length).toBeGreaterThan(100);
  expect(imports.some(({ kind }) => kind === 'type')).toBe(true);
  expect(imports.some(({ kind }) => kind === 'dynamic')).toBe(true);
});

test('every room has its arrows', () => {
  const rooms = new Set(files.map(roomOf).filter((room) => !room.includes('.')));
  expect([...rooms].filter((room) => room !== 'cli' && !(room in DESIGNED) && !(room in ADDED))).toEqual([]);
});

test('imports follow the arrows', () => {
  const wrong = imports.filter(({ from, to, kind }) => {
    if (to === null || to === from || from === 'cli') return false;
    if (kind === 'type' && TYPES.includes(to)) return false;
    return !mayImport(from, to);
  });
  expect(shown(wrong)).toEqual([]);
});

test('no file leads back to itself, not even by its types', () => {
  const byFile = Map.groupBy(
    imports.filter(({ kind }) => kind !== 'dynamic'),
    ({ file }) => file,
  );
  const next = (file: string) => (byFile.get(file) ?? []).flatMap(({ path }) => path ?? []);
  const passed = new Set<string>();
  const circleFrom = (file: string, way: readonly string[]): readonly string[] | null => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (passed.has(file)) return null;
    passed.add(file);
    for (const each of next(file)) {
      const circle = circleFrom(each, [...way, file]);
      if (circle !== null) return circle;
    }
    return null;
  };
  expect(files.flatMap((file) => circleFrom(file, [])?.join(' → ') ?? [])).toEqual([]);
});

test('nothing imports the command line, and nothing imports the UI before it is needed', () => {
  expect(shown(imports.filter(({ from, to }) => to === 'cli' && from !== 'cli'))).toEqual([]);
  expect(shown(imports.filter(({ from, to, kind }) => to === 'tui' && from !== 'tui' && kind === 'value'))).toEqual([]);
});

test('files, processes, sockets and the UI have their doors', () => {
  const wrong = imports.filter(
    ({ from, what, kind }) =>
      kind !== 'type' && DOORS.some(({ modules, rooms }) => modules.test(what) && !rooms.includes(from)),
  );
  expect(shown(wrong)).toEqual([]);
});

test('modules of Node are named as such', () => {
  const bare = /^(?:fs|path|os|net|dns|tls|https?|http2|dgram|child_process|crypto|util|url|stream|module)(?:\/|$)/;
  expect(shown(imports.filter(({ what }) => bare.test(what)))).toEqual([]);
});
