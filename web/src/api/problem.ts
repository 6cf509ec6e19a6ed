/** What went wrong with a call, as far as a person needs to know to act on it. */
export type ProblemKind =
  | 'offline' // nobody answered
  | 'unauthenticated'
  | 'forbidden'
  | 'notFound'
  | 'conflict' // somebody else was faster, or the state does not allow it
  | 'invalid' // the request is at fault
  | 'overloaded' // try again later
  | 'timeout'
  | 'server';

export class Problem extends Error {
  constructor(
    readonly kind: ProblemKind,
    message: string,
    readonly status = 0,
    /** google.rpc.Status name, "FAILED_PRECONDITION", where the server said one. */
    readonly code = '',
    /** Fields that are at fault: path in the request and what is wrong with it. */
    readonly fields: { field: string; description: string }[] = [],
    readonly retryAfterSeconds?: number,
    readonly requestId?: string,
  ) {
    super(message);
  }
}

const kinds: Record<number, ProblemKind> = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'notFound',
  409: 'conflict',
  412: 'conflict',
  429: 'overloaded',
  499: 'timeout',
  503: 'overloaded',
  504: 'timeout',
};

interface ErrorBody {
  error?: {
    message?: string;
    status?: string;
    details?: { '@type'?: string; fieldViolations?: { field?: string; description?: string }[]; retryDelay?: string }[];
  };
}

/** Reads the error that the server answered with, whatever stands in its body. */
export async function problemOf(response: Response): Promise<Problem> {
  const body: ErrorBody = await response.json().catch(() => ({}));
  const error = body.error ?? {};
  const details = error.details ?? [];
  const fields = details
    .flatMap((detail) => detail.fieldViolations ?? [])
    .map((violation) => ({ field: violation.field ?? '', description: violation.description ?? '' }));
  const delay = details.map((detail) => detail.retryDelay).find(Boolean) ?? response.headers.get('retry-after') ?? '';
  let kind = kinds[response.status] ?? (response.status >= 500 ? 'server' : 'invalid');
  if (error.status === 'FAILED_PRECONDITION' || error.status === 'ABORTED') kind = 'conflict';
  return new Problem(
    kind,
    error.message ?? response.statusText,
    response.status,
    error.status ?? '',
    fields,
    parseFloat(delay) || undefined,
    response.headers.get('x-request-id') ?? undefined,
  );
}

/** True for a call that its own caller gave up. */
export const wasAborted = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError';

/** Any thrown value as a Problem, so that pages have one thing to show. */
export const asProblem = (error: unknown): Problem =>
  error instanceof Problem ? error : new Problem('server', error instanceof Error ? error.message : String(error));
