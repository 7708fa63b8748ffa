import type { Client } from '@temporalio/client';
import { missingSearchAttributes } from '../vocabulary/search-attributes.ts';

/** IndexedValueType KEYWORD: https://github.com/temporalio/api, temporal/api/enums/v1/common.proto */
const KEYWORD = 2;

/**
 * Registers the search attributes that the namespace lacks.
 *
 * @returns the names registered now; null when this server or user may not register any, which runs do without
 */
export async function registerSearchAttributes(client: Client): Promise<string[] | null> {
  const { operatorService } = client.connection;
  const { namespace } = client.options;
  try {
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    const missing = missingSearchAttributes(customAttributes);
    if (missing.length > 0) {
      await operatorService.addSearchAttributes({
        namespace,
        searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])),
      });
    }
    return missing;
  } catch {
    return null;
  }
}
