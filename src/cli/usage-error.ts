/** What the user said cannot be: a few lines for stderr, nothing was touched, exit 3. */
export class UsageError extends Error {
  constructor(...lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'UsageError';
  }
}

/** ` Did you mean check?`, or nothing. */
export function suggestion(meant: string | null): string {
  return meant === null ? '' : ` Did you mean ${meant}?`;
}

/** What the system refused, with the option that asked for it. */
export async function naming<T>(option: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new UsageError(`${option}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
