/** The scripts that there are. What runs inside of pods is one of its own: it starts in half the time, and every dry run waits for that. */
export const SCRIPTS = ['program', 'pod-agent'] as const;

/** The script that a command line starts. */
export function scriptOf([name]: readonly string[]): (typeof SCRIPTS)[number] {
  return name === 'pod-agent' ? name : 'program';
}

/**
 * Runs a bundled script with V8's code cache, made when it was built, so that a check starts in three quarters of the time. Another V8 refuses the cache and
 * compiles the script anew; nothing is ever written.
 */
export function runProgram(source: string, cachedData: Buffer | undefined, url: URL): void {
  const { Script, constants } = process.getBuiltinModule('node:vm');
  // Node warns that its loader for scripts is experimental; standard error is for what the user should read.
  process.removeAllListeners('warning');
  const script = new Script(source, {
    filename: decodeURIComponent(url.pathname),
    cachedData,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  script.runInThisContext()((id: string) => process.getBuiltinModule(id), url.href);
}
