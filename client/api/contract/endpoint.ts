import type { z } from 'zod';
import type { Role } from '../../../vocabulary/role.ts';

/** What an answer is: one JSON document, rows as NDJSON with an end line, or a run as it goes, by server-sent events. */
export type AnswerKind = 'json' | 'ndjson' | 'sse';

/** One address of the HTTP API: the server's route, the OpenAPI document and the remote client are made from it. */
export interface Endpoint<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
  Kind extends AnswerKind = AnswerKind,
> {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With `:name` for each of `params`. */
  path: `/v1/${string}`;
  /** The least role that may. */
  role: Role;
  summary: string;
  tag: string;
  /** The answer or the request holds values of rows: operators and up, and each use is in the audit log. */
  rowValues?: true;
  /** A POST that changes nothing, so that a repeated one is simply done again. */
  readsOnly?: true;
  /** Of an answer that holds a secret, which is given once. */
  secretAnswer?: true;
  params?: Params;
  query?: Query;
  body?: Body;
  kind: Kind;
  answer: Answer;
}

export const endpoint = <
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Answer extends z.ZodType,
  Kind extends AnswerKind,
>(
  given: Endpoint<Params, Query, Body, Answer, Kind>,
): Endpoint<Params, Query, Body, Answer, Kind> => given;

type Whole<Schema> = Schema extends z.ZodType ? z.output<Schema> : never;
export type ParamsOf<E extends Endpoint> = Whole<NonNullable<E['params']>>;
export type QueryOf<E extends Endpoint> = Whole<NonNullable<E['query']>>;
export type BodyOf<E extends Endpoint> = Whole<NonNullable<E['body']>>;
export type AnswerOf<E extends Endpoint> = Whole<E['answer']>;
