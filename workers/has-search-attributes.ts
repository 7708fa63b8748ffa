import type { NativeConnection } from '@temporalio/worker';
import { missingSearchAttributes } from '../vocabulary/search-attributes.ts';

/** A namespace without them, or one where this may not be asked, is done without, and the log says so. */
export async function hasSearchAttributes(
  { operatorService }: NativeConnection,
  namespace: string,
  report: (line: string) => void,
): Promise<boolean> {
  try {
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    const missing = missingSearchAttributes(customAttributes);
    if (missing.length === 0) return true;
    report(
      `runs do without search attributes: namespace ${namespace} lacks ${missing.join(', ')}; \`backhaul migrate\` registers them`,
    );
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    report(
      `runs do without search attributes: those of namespace ${namespace} cannot be asked for (${typeof code === 'number' ? `gRPC ${code}` : 'no answer'})`,
    );
  }
  return false;
}
