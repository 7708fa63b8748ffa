import { missingSearchAttributes } from '../../vocabulary/search-attributes.ts';
import type { ClientConnection } from '../connection.ts';
import { checked, type Checked } from './checked.ts';

/** Without them all goes on; only searching for runs in Temporal does not. */
export async function checkSearchAttributes({ temporal }: ClientConnection): Promise<Checked> {
  const { connection, options } = temporal;
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({
      namespace: options.namespace,
    });
    const missing = missingSearchAttributes(customAttributes);
    if (missing.length === 0) return checked('searchAttributes', { passing: ['all are registered'] });
    return checked('searchAttributes', {
      warning: [`missing: ${missing.join(', ')}; \`backhaul migrate\` registers them`],
    });
  } catch (error) {
    const { code } = error as { code?: unknown };
    return checked('searchAttributes', {
      warning: [`they may not be asked for (gRPC ${typeof code === 'number' ? code : '?'}); runs do without`],
    });
  }
}
