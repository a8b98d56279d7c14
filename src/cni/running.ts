import type { NetworkList } from '../kubernetes/cni/config-list.ts';
import type { Programs } from '../system/programs.ts';
import type { Files } from './plugin-path.ts';

/** A network that can be run: the chain, and where its programs are. */
export interface Chain {
  readonly network: NetworkList;
  readonly binDirs: readonly string[];
}

/** What running plugins takes. */
export interface Running {
  readonly programs: Programs;
  /** To find the plugins, and who may write them. */
  readonly system: Files;
  /** Aborted, it ends what runs; DEL needs one that is not. */
  readonly signal: AbortSignal;
  /** Of each call of a plugin. */
  readonly timeoutMs: number;
  /** Our own, never libcni's, whose entries are what its garbage collection acts on; null keeps nothing. */
  readonly cacheDir: string | null;
}
