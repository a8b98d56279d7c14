import type { Remainder } from '../../evidence/pods.ts';
import type { HostTable } from '../host/host-rules.ts';
import type { HostRoute } from '../host/host-state.ts';
import type { Scope } from '../host/scope.ts';

/** Our pods, as far as they came. */
export interface Ours extends Scope {
  /** Interfaces of the host that results of ADD name. */
  readonly interfaces: readonly string[];
  /** Of the pods, without prefix lengths. */
  readonly addresses: readonly string[];
}

/** What is to be taken out of one table. Rules are told with their chain; chains have lost all rules by then. */
export interface TableUndo {
  readonly table: HostTable;
  readonly rules: readonly { readonly chain: string; readonly id: string; readonly jumps: readonly string[] }[];
  readonly chains: readonly string[];
  /** The table itself. */
  readonly whole: boolean;
}

/** What puts one remainder back. */
export type Undo =
  | { readonly do: 'end-process'; readonly pid: number; readonly containerId: string }
  | { readonly do: 'delete-link'; readonly name: string }
  | { readonly do: 'set-down'; readonly name: string }
  | { readonly do: 'delete-address'; readonly link: string; readonly address: string }
  | { readonly do: 'delete-route'; readonly route: HostRoute }
  | { readonly do: 'advertise-route'; readonly route: HostRoute }
  | { readonly do: 'delete-namespace'; readonly name: string }
  /** In this order; a key that is gone is passed over. */
  | { readonly do: 'write-sysctls'; readonly values: readonly (readonly [key: string, value: string])[] }
  | { readonly do: 'change-table'; readonly undo: TableUndo }
  /** Then the directories that are empty, the lowest first. */
  | { readonly do: 'remove-files'; readonly files: readonly string[]; readonly directories: readonly string[] };

/** One remainder that is ours. */
export interface Found {
  readonly told: Remainder;
  /** `kept`: for all pods, as the plugins do it; `leaked`: of our pods, which are gone. */
  readonly as: 'kept' | 'leaked';
  readonly undo: Undo;
}
