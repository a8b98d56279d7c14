/** How many subjects or nodes are named in a list. */
const BY_NAME = 12;

/** A list that ends somewhere. */
export function some(names: readonly string[]): string {
  const shown = names.slice(0, BY_NAME).join(', ');
  return names.length > BY_NAME ? `${shown} and ${names.length - BY_NAME} others` : shown;
}

/** `2,768` */
export function counted(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}
