import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { product } from '../../vocabulary/product.ts';

/** The OpenAPI document at /openapi.json, and as pages at /reference. To be registered before the routes. */
export async function describeApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Backhaul',
        version: product.version,
        description:
          'Carries the rows of a warehouse to Segment as users. Errors are problem documents (RFC 9457) with a code of docs/errors.md.',
      },
      components: {
        securitySchemes: { key: { type: 'http', scheme: 'bearer', bearerFormat: 'bh_…' } },
      },
      security: [{ key: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  await app.register(swaggerUi, {
    routePrefix: '/reference',
    staticCSP: true,
    uiConfig: { deepLinking: true, persistAuthorization: false, validatorUrl: null },
    theme: { title: 'Backhaul: HTTP API' },
  });
}
