/** Where journals of runs with pods are, while there are any. */
export const DIRECTORY = '/run/seaworthy';
