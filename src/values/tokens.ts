/** A bootstrap token of Kubernetes (https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/#token-format), or one of ours. */
const TOKEN = /(?<![a-z0-9])(?:[a-z0-9]{6}\.[a-z0-9]{16}(?![a-z0-9])|swt1\.[\w-]+)/gi;

/** The text without what has the form of a token: typed in the wrong place, it must not end up in a log. */
export function withoutTokens(text: string): string {
  return text.replaceAll(TOKEN, '(token)');
}
