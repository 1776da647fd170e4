import { expect, test } from "vitest";
import { type Ending, judgeFailures } from "./judge-failures.ts";

const failed = (exception: string, more: Partial<Ending> = {}): Ending => {
  return { ok: false, exception, seconds: 2, transformation: "T-1", ...more };
};
const ok: Ending = { ok: true, exception: null, seconds: 2, transformation: "T-1" };
const row = (count: number, exception: (i: number) => string, more: (i: number) => Partial<Ending> = () => ({})): Ending[] =>
  Array.from({ length: count }, (_, i) => failed(exception(i), more(i)));

test.each([
  "ModuleNotFoundError: No module named 'openmm'",
  "ImportError: libcuda.so.1: cannot open shared object file: No such file or directory",
  "openmm.OpenMMException: Error initializing CUDA: CUDA_ERROR_NO_DEVICE (100) at CudaContext.cpp:91",
  "OSError: [Errno 28] No space left on device: '/scratch/a/b'",
])("%s, five times at once, is the host's", (exception) => {
  expect(
    judgeFailures(
      row(4, () => exception),
      5,
    ),
  ).toBeNull();
  expect(
    judgeFailures(
      row(5, () => exception),
      5,
    ),
  ).toEqual({ failures: 5, exception });
});

test("what differs from Task to Task does not make another reason", () => {
  const endings = row(5, (i) => `OSError: [Errno 28] No space left on device: '/scratch/dag-${i}/shared_${i}'`);
  expect(judgeFailures(endings, 5)?.failures).toBe(5);
});

test("a success in between, a late failure, another reason, and no limit at all acquit it", () => {
  const reason = "ModuleNotFoundError: No module named 'openmm'";
  expect(judgeFailures([...row(4, () => reason), ok, failed(reason)], 5)).toBeNull();
  expect(
    judgeFailures(
      row(
        5,
        () => reason,
        (i) => ({ seconds: i === 2 ? 900 : 1 }),
      ),
      5,
    ),
  ).toBeNull();
  expect(
    judgeFailures(
      row(5, (i) => (i === 3 ? "ValueError: no" : reason)),
      5,
    ),
  ).toBeNull();
  expect(
    judgeFailures(
      row(50, () => reason),
      0,
    ),
  ).toBeNull();
});

test("a reason that may be the Tasks' own needs twice as many, of two Transformations", () => {
  const reason = "ValueError: NaN in forces";
  expect(
    judgeFailures(
      row(20, () => reason),
      5,
    ),
  ).toBeNull();
  expect(
    judgeFailures(
      row(
        9,
        () => reason,
        (i) => ({ transformation: `T-${i % 2}` }),
      ),
      5,
    ),
  ).toBeNull();
  expect(
    judgeFailures(
      row(
        10,
        () => reason,
        (i) => ({ transformation: `T-${i % 2}` }),
      ),
      5,
    )?.failures,
  ).toBe(10);
});
