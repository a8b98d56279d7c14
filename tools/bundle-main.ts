// The bundle's way in. The program beside it is one script with V8's code cache, made when it was built: a check then starts in
// three quarters of the time. Another Node refuses the cache and compiles the script anew; nothing is ever written.

const argv = process.argv.slice(2);

if (argv.length === 1 && argv[0] === '--version') {
  process.stdout.write(`seaworthy ${SEAWORTHY_VERSION}\n`);
} else {
  // Not imported above: --version needs neither.
  const { readFileSync } = process.getBuiltinModule('node:fs');
  const { Script, constants } = process.getBuiltinModule('node:vm');
  const program = new URL('program.cjs', import.meta.url);
  // Node warns that its loader for scripts is experimental; standard error is for what the user should read.
  process.removeAllListeners('warning');
  const script = new Script(readFileSync(program, 'utf8'), {
    filename: decodeURIComponent(program.pathname),
    cachedData: readFileSync(new URL('program.cache', import.meta.url)),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  script.runInThisContext()((id: string) => process.getBuiltinModule(id), program.href);
}
