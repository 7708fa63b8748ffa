import type { Asking } from '../client/cli/asking.ts';
import { Interruption } from '../client/cli/asking.ts';

/** Questions by clack, on the person's stream; null when nobody is there to answer. */
export function askAtTerminal(): Asking | null {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return null;
  const output = process.stderr;
  /** Loaded at the first question: no other command should wait for it. */
  const clack = () => import('@clack/prompts');
  return {
    async secret(question) {
      const { isCancel, password } = await clack();
      const answer = await password({ message: question, output });
      if (isCancel(answer)) throw new Interruption();
      return answer;
    },
    async text(question, { hint, optional }) {
      const { isCancel, text } = await clack();
      const answer = await text({
        message: `${question} (${hint})`,
        output,
        validate: (given) => (optional || given?.trim() ? undefined : 'Needed.'),
      });
      if (isCancel(answer)) throw new Interruption();
      return answer;
    },
    async choose(question, choices, many) {
      const { isCancel, multiselect, select } = await clack();
      const options = choices.map(({ hint, label, value }) => ({ value, label, ...(hint && { hint }) }));
      const answer = many
        ? await multiselect({ message: question, options, output, required: false })
        : await select({ message: question, options, output });
      if (isCancel(answer)) throw new Interruption();
      return Array.isArray(answer) ? answer : [answer];
    },
  };
}
