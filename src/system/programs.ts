export interface RunOptions {
  readonly stdin?: string;
  /** Added to a minimal environment of PATH and LC_ALL=C; SEAWORTHY_TOKEN reaches no child. */
  readonly env?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Bytes kept of each stream; a program that prints more is ended. */
  readonly limit?: number;
}

export interface RunResult {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly killedBy: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Programs of the machine. */
export interface Programs {
  /** The path of the first executable of this name on PATH and the system's own directories, or null. */
  find(name: string): Promise<string | null>;
  /** Runs to the end; an aborted signal kills the program and all that it started. Throws a SystemError when it cannot be started or was aborted. */
  run(path: string, args: readonly string[], options: RunOptions): Promise<RunResult>;
}
