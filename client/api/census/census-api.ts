import type { FastifyPluginAsync } from 'fastify';
import type { ClientConnection } from '../../connection.ts';
import { answerErrors, type countFailedLogins } from '../answer-errors.ts';
import { addConnectionRoutes } from './connection-routes.ts';
import { censusErrors } from './envelope.ts';
import { addRunRoutes } from './run-routes.ts';
import { addSyncRoutes } from './sync-routes.ts';

export interface CensusApiOptions {
  connection: ClientConnection;
  failedLogin: ReturnType<typeof countFailedLogins>;
}

/**
 * What clients of Census's Management API v1 ask for to trigger syncs and to watch runs, under the same names. Keys, roles, limits,
 * audit and `Idempotency-Key` are those of the whole server.
 */
export const censusApi: FastifyPluginAsync<CensusApiOptions> = async (app, { connection, failedLogin }) => {
  answerErrors(app, failedLogin, censusErrors);
  const form = 'application/x-www-form-urlencoded';
  app.addContentTypeParser(form, { parseAs: 'string' }, (_, text, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(text)))),
  );
  addSyncRoutes(app, connection);
  addRunRoutes(app, connection);
  addConnectionRoutes(app, connection);
};
