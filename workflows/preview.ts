import { forRole } from './for-role.ts';
import { previewModel } from './steps.ts';

/** The first rows of a model, as the name of a blob with an hour's life. */
export async function preview(input: {
  model: string;
  limit: number;
  /** Workers with roles are there: one of `plan` does it. */
  roles?: boolean;
}): Promise<{ blob: string }> {
  const { roles, ...previewed } = input;
  return previewModel.executeWithOptions(
    { summary: input.model, retry: { maximumAttempts: 1 }, ...forRole({ roles }, 'plan') },
    [previewed],
  );
}
