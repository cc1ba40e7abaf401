/** Hashes of a full tile (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;

/** `tile/<level>/<index>[.p/<width>]`; entries are the level `entries`. */
export function tilePath(level: number | 'entries', index: number, width: number): string {
  const groups = [];
  let left = index;
  do {
    groups.unshift(String(left % 1000).padStart(3, '0'));
    left = Math.floor(left / 1000);
  } while (left > 0);
  const name = groups.map((group, place) => (place === groups.length - 1 ? group : `x${group}`)).join('/');
  return `tile/${level}/${name}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}
