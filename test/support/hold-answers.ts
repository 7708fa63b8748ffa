import type { Answer } from '../../dev/receiver/respond.ts';
import type { Receiver } from '../../dev/receiver/receiver.ts';

export interface HeldAnswers {
  /** Resolves when the first request is there. */
  asked: Promise<void>;
  /** From then on it accepts. */
  letGo: () => void;
}

/** Lets the receiver answer nothing until it is let go. */
export function holdAnswers(receiver: Receiver): HeldAnswers {
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  const asked = new Promise<void>((resolve) => {
    receiver.respond(async (): Promise<Answer> => {
      resolve();
      await held;
      return 'accept';
    });
  });
  return { asked, letGo };
}
