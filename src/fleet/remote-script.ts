/** What the script on a node is to do. */
export interface RemoteScript {
  /** Stands before each line that it says: shells print things of their own before. */
  readonly mark: string;
  /** What `--version` prints of the seaworthy that is wanted. */
  readonly version: string;
  /** Arguments of the peer. */
  readonly listen: readonly string[];
  /** By sudo, where the user is not root. */
  readonly becomesRoot: boolean;
}

/**
 * A peer on a node, over the standard input and output of a shell there, for POSIX and its usual programs. It takes the seaworthy that is installed if
 * it is this version, and by sudo only where administrators install; otherwise it asks for the executable, which never has a name for longer than it takes to open the file: whatever ends shell,
 * peer or connection, nothing is left. The shell stays, by whose descriptor it is run: sudo closes its own. What it says, a line each: `machine`, `boot`, `address`, `other`, then `installed` or `missing`; then `lacks`,
 * `tried DIR KILOBYTES`, `noexec DIR`, then `no-room` or `copy`; then `short BYTES` or `start`.
 */
export function remoteScript({ mark, version, listen, becomesRoot }: RemoteScript): string {
  return `
umask 077
say() { echo "${mark} $*"; }
say machine "$(uname -m)"
say boot "$(cat /proc/sys/kernel/random/boot_id) $(readlink /proc/self/ns/net)"
set -- $SSH_CONNECTION
say address "$3"
root=
${becomesRoot ? '[ "$(id -u)" = 0 ] || root="sudo -n --"' : ''}
program=
for found in "$([ -n "$root" ] || command -v seaworthy)" /usr/local/bin/seaworthy /usr/bin/seaworthy; do
  [ -x "$found" ] || continue
  version=$("$found" --version </dev/null 2>/dev/null)
  [ "$version" = "${version}" ] && program=$found && break
  [ -z "$version" ] || say other "$version"
done
if [ -n "$program" ]; then
  say installed "$program"
  exec $root "$program" ${listen.join(' ')}
fi
say missing
read -r bytes packed || exit 0
for needed in head gzip mktemp df wc; do
  command -v $needed >/dev/null || { say lacks $needed; exit 0; }
done
file=
trap '[ -z "$file" ] || rm -f "$file"' EXIT
trap 'exit 1' HUP INT TERM PIPE
for directory in "$TMPDIR" /tmp /var/tmp "$HOME"; do
  [ -d "$directory" ] && [ -w "$directory" ] || continue
  free=$(df -Pk "$directory" 2>/dev/null | { read -r titles; read -r device all used free rest; echo "$free"; })
  [ "\${free:-0}" -gt $((bytes / 1024)) ] || { say tried "$directory" "\${free:-0}"; continue; }
  file=$(mktemp "$directory/seaworthy.XXXXXX" 2>/dev/null) || { file=; say tried "$directory" 0; continue; }
  chmod 700 "$file" && echo "#!/bin/sh" >"$file" && "$file" 2>/dev/null && break
  rm -f "$file"
  file=
  say noexec "$directory"
done
[ -n "$file" ] || { say no-room; exit 0; }
exec 9>"$file" 8<"$file"
rm -f "$file"
file=
say copy
head -c "$packed" | gzip -dc >&9
exec 9>&-
size=$(wc -c <&8)
[ "$size" -eq "$bytes" ] || { say short "$size"; exit 0; }
say start
$root /proc/$$/fd/8 ${listen.join(' ')}
exit $?
`;
}

/** Starts it from what comes in first: whatever shell the user has there reads this line alike. */
export function remoteCommand(script: string): string {
  return `exec /bin/sh -c 'eval "$(head -c ${Buffer.byteLength(script)})"'`;
}
