import { unescapeOctal } from './unescape-octal.ts';

/** Mount points in the order of proc_pid_mountinfo(5). */
export function parseMountPoints(mountinfo: string): string[] {
  return mountinfo.split('\n').flatMap((line) => {
    const point = line.split(' ')[4];
    return point === undefined || !point.startsWith('/') ? [] : [unescapeOctal(point)];
  });
}

/** The mount point that a path without links lies on; the root when none is nearer. */
export function mountPointOf(path: string, points: readonly string[]): string {
  return points.reduce(
    (best, point) =>
      point.length > best.length && (path === point || path.startsWith(point === '/' ? '/' : `${point}/`))
        ? point
        : best,
    '/',
  );
}
