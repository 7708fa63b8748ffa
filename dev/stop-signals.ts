const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** One Ctrl-C under npm arrives twice: from the terminal, and handed on by npm. */
const SAME_KEYSTROKE_MS = 1000;

export interface StopSignals {
  /** Aborted when a person or the system wants this to stop. */
  first: AbortSignal;
  /** Aborted when they will not wait. */
  second: AbortSignal;
  happened: Promise<void>;
  /** The first that came. */
  signal(): NodeJS.Signals | undefined;
  close(): void;
}

/** From now on signals do not end this process but are told here. */
export const listenForStop = (): StopSignals => {
  const [first, second] = [new AbortController(), new AbortController()];
  let came: NodeJS.Signals | undefined;
  let at = 0;
  const happened = new Promise<void>((resolve) => first.signal.addEventListener('abort', () => resolve()));
  const take = (signal: NodeJS.Signals): void => {
    if (came === undefined) {
      came = signal;
      at = performance.now();
      first.abort();
    } else if (performance.now() - at > SAME_KEYSTROKE_MS) second.abort();
  };
  for (const signal of SIGNALS) process.on(signal, take);
  return {
    first: first.signal,
    second: second.signal,
    happened,
    signal: () => came,
    close: () => SIGNALS.forEach((signal) => process.off(signal, take)),
  };
};
