import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { serve } from './serve.ts';

try {
  await serve(process.env);
} catch (error) {
  if (!(error instanceof BackhaulError)) throw error;
  process.stderr.write(`${error.code}: ${error.message} ${error.action}\n`);
  process.exitCode = error.entry.exit;
}
