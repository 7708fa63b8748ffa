import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { FastifyInstance } from 'fastify';
import { isWarehouseType } from '../../../definitions/connection.ts';
import { BackhaulError } from '../../../vocabulary/backhaul-error.ts';
import type { ClientConnection } from '../../connection.ts';
import { readCatalog } from './catalog.ts';
import { censusDestination, censusSource } from './connection-document.ts';
import { listed, pageOf, pageSchema, success } from './envelope.ts';
import { idSchema } from './sync-routes.ts';

const tags = ['Census'];
const config = { role: 'viewer' } as const;

export function addConnectionRoutes(app: FastifyInstance, connection: ClientConnection): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  const documentsOf = {
    async sources() {
      const catalog = await readCatalog(connection);
      return Object.entries(catalog.definitions.connections).flatMap(([name, one]) =>
        isWarehouseType(one.type) ? [censusSource(catalog, name, one)] : [],
      );
    },
    async destinations() {
      const catalog = await readCatalog(connection);
      return Object.entries(catalog.definitions.connections).flatMap(([name, one]) =>
        one.type === 'segment' ? [censusDestination(catalog, name, one)] : [],
      );
    },
  };

  for (const [kind, documents] of Object.entries(documentsOf)) {
    routes.get(
      `/${kind}`,
      { config, schema: { tags, summary: `The ${kind}, as Census lists them`, querystring: pageSchema } },
      async ({ query }) => {
        const all = await documents();
        return listed(pageOf<{ id: number }>(all, query), all.length, query);
      },
    );
    routes.get(
      `/${kind}/:id`,
      { config, schema: { tags, summary: `One of the ${kind}, as Census shows it`, params: idSchema } },
      async ({ params }) => {
        const found = (await documents()).find(({ id }) => id === params.id);
        if (found === undefined) throw new BackhaulError('connection_not_found', `${kind}, id ${params.id}`);
        return success(found);
      },
    );
  }
}
