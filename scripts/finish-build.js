// What tsc leaves to do: the workflows as one bundle, so that no worker has to make it at its start, and the bin's mode.
import { chmod, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const dist = (name) => fileURLToPath(new URL(`../dist/${name}`, import.meta.url));

const { code } = await bundleWorkflowCode({
  workflowsPath: dist('workflows/index.js'),
  logger: new DefaultLogger('WARN'),
});
await writeFile(dist('workflow-bundle.cjs'), code);
await chmod(dist('bin/backhaul.js'), 0o755);
