import type { Client } from '@temporalio/client';

/** All that Temporal keeps of the workflows of an installation: histories and visibility, whole, with the payloads decoded. */
export async function historiesOf(temporal: Client, installation: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  const query = `WorkflowId STARTS_WITH '${installation}/'`;
  for await (const { runId, workflowId } of temporal.workflow.list({ query })) {
    const handle = temporal.workflow.getHandle(workflowId, runId);
    const { raw } = await handle.describe();
    texts.set(`${workflowId} ${runId}`, decoded([await handle.fetchHistory(), raw]));
  }
  return texts;
}

const isBuffer = (value: object): value is { type: 'Buffer'; data: number[] } =>
  'type' in value && value.type === 'Buffer' && 'data' in value;

const decoded = (document: unknown): string =>
  JSON.stringify(document, (_, value: unknown) => {
    if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
    if (typeof value === 'object' && value !== null && isBuffer(value))
      return Buffer.from(value.data).toString('utf8');
    return value;
  });
