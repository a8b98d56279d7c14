/** What choosing needs to know of a file; the files come in the order of the runtimes. */
export interface Candidate {
  readonly name: string;
  readonly state: 'valid' | 'broken' | 'unread';
  readonly network?: { readonly name: string };
}

/** `broken`: the runtime has no network because of this file. `unread`: it depends on a file that could not be read. */
export interface Choice {
  readonly outcome: 'wins' | 'broken' | 'unread' | 'none';
  readonly file: string | null;
}

const NONE: Choice = { outcome: 'none', file: null };

/** containerd loads the first `maxConfNum` files (0 is all); one that is broken among them ends the load without any network. */
export function chooseForContainerd(files: readonly Candidate[], maxConfNum = 1): Choice {
  const loaded = maxConfNum > 0 ? files.slice(0, maxConfNum) : files;
  const [first] = loaded;
  if (first === undefined) return NONE;
  const bad = loaded.find(({ state }) => state !== 'valid');
  if (bad !== undefined) return { outcome: bad.state === 'broken' ? 'broken' : 'unread', file: bad.name };
  return { outcome: 'wins', file: first.name };
}

/** CRI-O and cri-dockerd pass over what is broken; CRI-O takes the network that its configuration names, if it names one. */
export function chooseForCrio(files: readonly Candidate[], defaultNetwork: string | null = null): Choice {
  const wanted = files.filter(
    ({ state, network }) => state !== 'valid' || defaultNetwork === null || network?.name === defaultNetwork,
  );
  const first = wanted.find(({ state }) => state !== 'broken');
  if (first !== undefined) return { outcome: first.state === 'valid' ? 'wins' : 'unread', file: first.name };
  const broken = wanted[0];
  return broken === undefined ? NONE : { outcome: 'broken', file: broken.name };
}
