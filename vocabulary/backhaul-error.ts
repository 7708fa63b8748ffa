import { errorTable, type ErrorCode, type ErrorEntry } from './errors.ts';

/** What a run, the CLI and the library show of an error. Holds no secret and no row value. */
export interface ErrorView {
  code: ErrorCode;
  /** What happened, and where. */
  message: string;
  /** What to do. */
  action: string;
}

/**
 * An error with a code of the table. `where` says what it happened to: names, positions and SQLSTATE only,
 * never a value of a row or a secret, since messages travel into Temporal's history.
 *
 * @example
 * throw new BackhaulError('source_table_missing', 'model active_users, line 2, column 15: relation "app.users" (42P01)');
 */
export class BackhaulError extends Error {
  readonly code: ErrorCode;
  readonly where: string;
  readonly action: string;

  constructor(code: ErrorCode, where = '', options: { action?: string; cause?: unknown } = {}) {
    const { meaning, action } = errorTable[code];
    super(where === '' ? meaning : `${meaning} (${where})`, { cause: options.cause });
    this.name = 'BackhaulError';
    this.code = code;
    this.where = where;
    this.action = options.action ?? action;
  }

  get entry(): ErrorEntry {
    return errorTable[this.code];
  }

  view(): ErrorView {
    return { code: this.code, message: this.message, action: this.action };
  }
}
