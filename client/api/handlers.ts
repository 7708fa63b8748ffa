import type { Backhaul } from '../backhaul.ts';
import type { ClientConnection } from '../connection.ts';
import type { ApiPermissions } from '../../definitions/from-api.ts';
import type { Contract } from './contract/contract.ts';
import type { AnswerOf, BodyOf, Endpoint, ParamsOf, QueryOf } from './contract/endpoint.ts';

/** What handlers work with. */
export interface ApiContext {
  backhaul: Backhaul;
  connection: ClientConnection;
  permissions: ApiPermissions;
}

export interface Call<E extends Endpoint> {
  params: ParamsOf<E>;
  query: QueryOf<E>;
  body: BodyOf<E>;
  /** What the sender has named the request by. */
  requestKey: string | null;
  /** Aborted when nobody waits for the answer any more. */
  signal: AbortSignal;
}

type Answer<E extends Endpoint> = E extends { kind: 'json' }
  ? Promise<AnswerOf<E>>
  : E extends { kind: 'ndjson' }
    ? AsyncGenerator<AnswerOf<E>, object | void>
    : AsyncGenerator<AnswerOf<E>, void>;

export type Handler<E extends Endpoint> = (call: Call<E>) => Answer<E>;
export type Handlers<Name extends keyof Contract = keyof Contract> = {
  [K in Name]: Handler<Contract[K]>;
};
