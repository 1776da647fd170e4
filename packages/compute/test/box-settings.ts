import { join } from "node:path";

export const worker = { identifier: "worker", key: "worker key" };

/** What the settings of every service say; this one is named `box`, is a `worker`, and has its files below `directory`. */
export const boxSettings = (url: string, directory: string) => ({
  api_url: url,
  ...worker,
  name: "box",
  shared_basedir: join(directory, "shared"),
  scratch_basedir: join(directory, "scratch"),
});
