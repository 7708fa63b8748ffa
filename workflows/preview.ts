import { previewModel } from './steps.ts';

/** The first rows of a model, as the name of a blob with an hour's life. */
export async function preview(input: { model: string; limit: number }): Promise<{ blob: string }> {
  return previewModel.executeWithOptions({ summary: input.model, retry: { maximumAttempts: 1 } }, [input]);
}
