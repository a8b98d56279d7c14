/** The minor version that is assumed when neither the user nor the machine tells. */
export const DEFAULT_KUBERNETES_VERSION = '1.36';
