import type { UnreadWhy } from '../evidence/reading.ts';
import type { Network } from './network.ts';
import type { Programs } from './programs.ts';

const BRAND = Symbol.for('seaworthy.SystemError');

/** The machine did not show something; `why` is what a fact that rests on it becomes. */
export class SystemError extends Error {
  /** The same class in two bundles, ours and that of plugins, is one. */
  readonly [BRAND] = true;

  static override [Symbol.hasInstance](value: unknown): value is SystemError {
    return typeof value === 'object' && value !== null && BRAND in value;
  }

  readonly why: UnreadWhy;
  /** The errno name, where there is one. */
  readonly code: string | null;

  constructor(why: UnreadWhy, message: string, code: string | null = null, cause?: unknown) {
    super(message, { cause });
    this.name = 'SystemError';
    this.why = why;
    this.code = code;
  }
}

export interface FileStatus {
  readonly kind: 'file' | 'directory' | 'socket' | 'fifo' | 'device';
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of a namespace the number that its link tells: `net:[4026532392]`. */
  readonly inode: number;
  readonly modifiedMs: number;
}

/** A file that stays what it is for as long as it is held, whatever becomes of its path: a namespace lives on without a process. */
export interface HeldFile {
  readonly descriptor: number;
  /** A path to it for other processes, while this one lives. */
  readonly path: string;
  /** As readlink says: `net:[4026532392]`, or the path to which it is bound. */
  readonly identity: string;
  /** Of a namespace the number in its link, wherever it is bound. */
  readonly inode: number;
  close(): void;
}

/** An address of an interface, as the kernel has it. */
export interface InterfaceAddress {
  readonly name: string;
  readonly address: string;
  readonly prefix: number;
  readonly family: 4 | 6;
  /** The hardware address of the interface, where the same source tells it. */
  readonly mac?: string;
}

export interface DiskSpace {
  /** Bytes; `available` is what a process without root may use. */
  readonly total: number;
  readonly available: number;
  readonly inodes: number;
  readonly inodesFree: number;
}

/**
 * The only door to a machine: this one, or a directory that stands for it. Paths are absolute and the machine's own. Every
 * method throws a SystemError and nothing else.
 */
export interface System {
  /** False for a directory: nothing of it runs, and it has no network. */
  readonly live: boolean;
  /** Whether its programs run here and names resolve as they do for them: not so from a container of the machine, where `programs` are the container's. */
  readonly native: boolean;
  /** Whether root's files can be read and its programs run as root. */
  readonly privileged: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch by this machine's clock. */
  now(): number;
  /** A regular file of at most `limit` bytes (4 MiB); never blocks on a pipe or a device. */
  readText(path: string, limit?: number): Promise<string>;
  readBytes(path: string, limit?: number): Promise<Buffer>;
  /** The same, or null when there is no such file. */
  readTextIfThere(path: string, limit?: number): Promise<string | null>;
  /** Names in a directory, sorted by their bytes. */
  list(path: string): Promise<string[]>;
  /** The same, or none when there is no such directory. */
  listIfThere(path: string): Promise<string[]>;
  /** Follows links; null when there is nothing. */
  status(path: string): Promise<FileStatus | null>;
  readLink(path: string): Promise<string>;
  /** Opens it, for programs that are started here. */
  hold(path: string): Promise<HeldFile>;
  /** The path without links, as the machine sees it. */
  realPath(path: string): Promise<string>;
  diskSpace(path: string): Promise<DiskSpace>;
  addresses(): Promise<InterfaceAddress[]>;
  readonly programs: Programs;
  readonly network: Network;
}
