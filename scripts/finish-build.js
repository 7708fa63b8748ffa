// What tsc leaves to do: the workflows as bundles, so that no worker has to make one at its start, and the bin's mode.
import { chmod, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const dist = (name) => fileURLToPath(new URL(`../dist/${name}`, import.meta.url));
const ownInterceptors = dist('workflows/interceptors.js');
const tracingInterceptors = createRequire(import.meta.url).resolve(
  '@temporalio/interceptors-opentelemetry/lib/workflow-interceptors',
);

// A worker that exports no traces runs workflows that have no part of OpenTelemetry in them.
const bundles = {
  'workflow-bundle.cjs': [ownInterceptors],
  'workflow-bundle-traced.cjs': [tracingInterceptors, ownInterceptors],
};
await Promise.all(
  Object.entries(bundles).map(async ([name, workflowInterceptorModules]) => {
    const { code } = await bundleWorkflowCode({
      workflowsPath: dist('workflows/index.js'),
      workflowInterceptorModules,
      logger: new DefaultLogger('WARN'),
    });
    await writeFile(dist(name), code);
  }),
);
await chmod(dist('bin/backhaul.js'), 0o755);
