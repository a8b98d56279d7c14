import { holdFile } from '../../system/held-file.ts';
import type { HeldFile } from '../../system/system.ts';
import { startProgram } from '../../system/start-program.ts';

/** Undoes what we made when we no longer can. It costs a shell, which becomes a program only when it has to. */
export interface Guardian {
  /** Everything is undone. Settles when the guardian has gone. */
  dismiss(): Promise<void>;
}

/**
 * It reads to the end of our pipe; a service manager that stops us tells it too, and it has work to do then. The program is held from the
 * beginning, in the first descriptor that is handed down: when it is needed its file may be gone.
 */
const WATCH =
  'trap "" HUP INT TERM QUIT; read -r word; [ "$word" = done ] || exec /proc/self/fd/4 "$@" </dev/null >/dev/null 2>&1 3>&-';

/** @param recover A program and its arguments. @param held Namespaces that it holds too. Throws a SystemError. */
export async function startGuardian(
  [path = '', ...args]: readonly string[],
  held: readonly HeldFile[],
): Promise<Guardian> {
  const program = holdFile(path);
  const descriptors = [program, ...held].map(({ descriptor }) => descriptor);
  const { input, ended } = await startProgram('/bin/sh', ['-c', WATCH, 'sh', ...args], descriptors).finally(() =>
    program.close(),
  );
  return {
    dismiss: async () => {
      input.end('done\n');
      await ended;
    },
  };
}
