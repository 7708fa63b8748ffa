import type { Answer } from '../../dev/receiver/respond.ts';
import type { Receiver } from '../../dev/receiver/receiver.ts';

/** Lets the receiver answer nothing until the returned function is called; from then on it accepts. */
export function holdAnswers(receiver: Receiver): () => void {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  receiver.respond(async (): Promise<Answer> => {
    await released;
    return 'accept';
  });
  return () => release();
}
