/** An answer that is an error, in Google's form. */
export class ApiFailure extends Error {
  readonly code: number;
  readonly body: unknown;

  /** @param info what `google.rpc.ErrorInfo` says */
  constructor(code: number, status: string, message: string, info?: { reason: string; metadata?: object }) {
    super(message);
    this.code = code;
    const details =
      info === undefined
        ? {}
        : {
            details: [
              { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', domain: 'googleapis.com', ...info },
            ],
          };
    this.body = { error: { code, message, status, ...details } };
  }
}

/** Drive has an older form, with reasons of its own. */
export class DriveFailure extends ApiFailure {
  override readonly body: unknown;

  constructor(code: number, reason: string, message: string) {
    super(code, reason, message);
    this.body = { error: { code, message, errors: [{ domain: 'global', reason, message }] } };
  }
}

export const notFound = (): ApiFailure => new ApiFailure(404, 'NOT_FOUND', 'Requested entity was not found.');

export const disabled = (service: string): ApiFailure =>
  new ApiFailure(
    403,
    'PERMISSION_DENIED',
    `${service} has not been used in project 1234 before or it is disabled.`,
    {
      reason: 'SERVICE_DISABLED',
      metadata: { service, consumer: 'projects/1234' },
    },
  );
