/** The licences of what is bundled with the program. The build puts a chunk in the place of this module that has them. */
export const licenses =
  'Run from its sources seaworthy bundles nothing: each package in node_modules has its own licence.\n';
