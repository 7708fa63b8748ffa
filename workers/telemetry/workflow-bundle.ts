import { fileURLToPath } from 'node:url';

/** The workflows, as the build bundles them; with those interceptors of OpenTelemetry in them, or without. */
export const workflowBundle = (traced: boolean): string =>
  fileURLToPath(
    new URL(traced ? '../../workflow-bundle-traced.cjs' : '../../workflow-bundle.cjs', import.meta.url),
  );
