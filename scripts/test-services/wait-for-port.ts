import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** Resolves when a port of 127.0.0.1 takes connections; throws after 10 s. */
export const waitForPort = async (port: number): Promise<void> => {
  for (const deadline = Date.now() + 10_000; ; ) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    } finally {
      socket.destroy();
    }
    await pause(20);
  }
};
