/** What the error codes of a plugin mean, as a clause: https://www.cni.dev/docs/spec/#error. From 100 on they are the plugin’s own. */
export const CNI_ERROR_CODES: Readonly<Record<number, string>> = {
  1: 'it does not speak the version of CNI that the network is run with',
  2: 'it does not know a field of the configuration',
  3: 'it does not know the container',
  4: 'it was called with a parameter that is missing or wrong',
  5: 'it could not read or write',
  6: 'it could not read what it was given',
  7: 'its configuration is wrong',
  8: 'the network namespace is not one that it takes',
  11: 'it asks to be called again later',
  50: 'it is not ready to add containers',
  51: 'it is not ready to add containers, and those that are there have a limited network',
  999: 'an error of its own, without a code of the specification',
};
