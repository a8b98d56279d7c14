/** A TOML document as plain objects; null when the text is none. The parser is loaded when it is first needed. */
export async function parseToml(text: string): Promise<Readonly<Record<string, unknown>> | null> {
  const { parse, TomlError } = await import('smol-toml');
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof TomlError) return null;
    throw error;
  }
}
