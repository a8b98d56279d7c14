/** Whether a SPEC names a file of rules, and not a module. */
export function isRulesFile(spec: string): boolean {
  return /\.ya?ml$/.test(spec);
}
