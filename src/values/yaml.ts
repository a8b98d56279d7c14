/**
 * One YAML or JSON document as Go programs of Kubernetes read it: the booleans of YAML 1.1, and the last of two equal keys. Null
 * when the text is none. The parser is loaded when it is first needed.
 */
export async function parseYaml(text: string): Promise<{ readonly document: unknown } | null> {
  const { parse } = await import('yaml');
  try {
    const document: unknown = parse(text, { version: '1.1', uniqueKeys: false, logLevel: 'error' });
    return { document };
  } catch {
    // A syntax error, too many aliases, or nesting deeper than the stack.
    return null;
  }
}
