import { SystemError } from '../system/system.ts';

/** What a status other than 200 means. @param rule Of a role that allows what was asked for. */
export function refusal(status: number, { origin }: URL, path: string, rule: string): SystemError {
  const code = `HTTP_${status}`;
  const plain = path.replace(/\?.*$/, '');
  if (status === 401)
    return new SystemError(
      'denied',
      `the API server ${origin} does not know who asks: its token or certificate is refused, or there is none`,
      code,
    );
  if (status === 403)
    return new SystemError(
      'denied',
      `the API server ${origin} does not let this user read ${plain}; a role allows it by the rule ${rule}`,
      code,
    );
  if (status === 404) return new SystemError('missing', `the API server ${origin} has no ${plain}`, code);
  if (status >= 300 && status < 400)
    return new SystemError(
      'error',
      `${origin} leads elsewhere (${status}), where nothing follows with credentials: name the API server itself`,
      code,
    );
  return new SystemError('error', `the API server ${origin} answered ${status} to ${plain}`, code);
}
