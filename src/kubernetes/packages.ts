/** One line that installs a package with whichever package manager the machine has. */
export function installCommand(debian: string, redHat: string): string {
  return `if command -v apt-get >/dev/null; then apt-get install -y ${debian}; else dnf install -y ${redHat}; fi`;
}
