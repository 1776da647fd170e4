/**
 * Resolves when the process is asked to end. A second signal, after a second, ends it at once: a terminal and a parent may both send the
 * first.
 */
export async function firstSignal(): Promise<void> {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  await new Promise<void>((resolve) => {
    for (const signal of signals) process.once(signal, () => resolve());
  });
  const asked = performance.now();
  for (const signal of signals) {
    process.on(signal, () => {
      if (performance.now() - asked > 1000) process.exit(1);
    });
  }
}
