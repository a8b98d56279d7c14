import { heldLines } from './output/held-lines.ts';
import { exitByShell, exitWith } from '../system/exit.ts';

/**
 * Ends the program with this code, at once. process.exit waits for the threads that read files and resolve names, and one of them
 * may hang in the kernel: then the process turns into a shell that exits.
 */
export async function leave(code: number): Promise<never> {
  if (heldLines().lines.length > 0) await (await import('./run/redaction.ts')).complainUnheard(process.argv.slice(2));
  // A request that has just ended is still listed until the loop has turned.
  await new Promise((turned) => setImmediate(turned));
  if (process.getActiveResourcesInfo().some(isLeftBehind)) {
    // execve is marked experimental; the warning would be all that the user sees of it.
    process.removeAllListeners('warning');
    exitByShell(code);
    // No shell here: it takes as long as the thread takes.
  }
  return exitWith(code);
}

function isLeftBehind(resource: string): boolean {
  return resource.startsWith('FSReq') || resource.startsWith('GetAddrInfo') || resource.startsWith('GetNameInfo');
}
