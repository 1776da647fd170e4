import { computeRoutes, userRoutes } from "@alchemiscale/contract";
import { describe, expect, test } from "vitest";
import { decodeValue } from "./decode-value.ts";

const taskKey = { gufe_key: "Task-ab", org: "o", campaign: "c", project: "p" };
const text = "Task-ab-o-c-p";

function bodyOf(route: { readonly body: Parameters<typeof decodeValue>[0] | null }, value: unknown) {
  if (route.body === null) throw new TypeError("no body");
  return decodeValue(route.body, value, "body");
}

describe("read leniently", () => {
  test.each<[{ readonly body: Parameters<typeof decodeValue>[0] | null }, unknown, unknown]>([
    [userRoutes.setNetworkWeight, 0.25, 0.25],
    [userRoutes.setNetworkWeight, 1, 1],
    [userRoutes.setNetworkWeight, "0.5", 0.5],
    [userRoutes.setNetworkWeight, 10n ** 20n, 1e20],
    [userRoutes.setTaskStatus, "waiting", "waiting"],
    [userRoutes.getTaskStatuses, { tasks: [taskKey, text], more: 1 }, { tasks: [text, text] }],
    [userRoutes.setTaskPriorities, { tasks: [], priority: 2 ** 53 }, { tasks: [], priority: 2n ** 53n }],
    [userRoutes.setTaskPriorities, { tasks: [], priority: 2n ** 63n - 1n }, { tasks: [], priority: 2n ** 63n - 1n }],
    [userRoutes.setTaskPriorities, { tasks: [], priority: "9223372036854775807" }, { tasks: [], priority: 2n ** 63n - 1n }],
    [userRoutes.createTransformationTasks, { count: 2.0 }, { count: 2 }],
    [userRoutes.createTransformationTasks, { count: "2", extends: null }, { count: 2, extends: null }],
    [userRoutes.createTransformationTasks, { count: 1, extends: taskKey }, { count: 1, extends: text }],
    [
      userRoutes.createTasks,
      { transformations: [text], extends: ["", null] },
      { transformations: [text], extends: [null, null] },
    ],
    [userRoutes.actionTasks, { tasks: [], weight: [0.5, "1"] }, { tasks: [], weight: [0.5, 1] }],
    [userRoutes.actionTasks, { tasks: [], weight: null }, { tasks: [], weight: null }],
    [userRoutes.networkActionedTasks, { task_weights: "true" }, { task_weights: true }],
    [userRoutes.networkActionedTasks, { task_weights: 0 }, { task_weights: false }],
    [computeRoutes.registerService, {}, {}],
    [computeRoutes.registerService, { compute_manager_id: null }, { compute_manager_id: null }],
  ])("%#: %j", (route, value, expected) => {
    expect(bodyOf(route, value)).toEqual({ value: expected, issues: [], unreadable: null });
  });
});

describe("what does not fit is told by place and kind", () => {
  test.each<[{ readonly body: Parameters<typeof decodeValue>[0] | null }, unknown, [string, string][]]>([
    [userRoutes.setNetworkWeight, "heavy", [["float_parsing", "body"]]],
    [userRoutes.setNetworkWeight, null, [["float_type", "body"]]],
    [userRoutes.setTaskStatus, 5, [["string_type", "body"]]],
    [userRoutes.getTaskStatuses, [], [["missing", "body.tasks"]]],
    [userRoutes.getTaskStatuses, { tasks: "x" }, [["list_type", "body.tasks"]]],
    [userRoutes.getTaskStatuses, { tasks: [5] }, [["string_type", "body.tasks.0"]]],
    [userRoutes.getTaskStatuses, { tasks: [{ ...taskKey, org: null }] }, [["value_error", "body.tasks.0"]]],
    [userRoutes.createTransformationTasks, { count: 1.5 }, [["int_from_float", "body.count"]]],
    [userRoutes.createTransformationTasks, { count: "x" }, [["int_parsing", "body.count"]]],
    [userRoutes.createTransformationTasks, { count: 2n ** 70n }, [["int_parsing_size", "body.count"]]],
    [userRoutes.networkActionedTasks, { task_weights: "perhaps" }, [["bool_parsing", "body.task_weights"]]],
    [
      userRoutes.actionTasks,
      { tasks: [], weight: {} },
      [
        ["float_type", "body.weight.number"],
        ["list_type", "body.weight.array"],
      ],
    ],
    [computeRoutes.registerService, [], [["missing", "body.compute_manager_id"]]],
    [
      computeRoutes.claimHubTasks,
      {},
      [
        ["missing", "body.compute_service_id"],
        ["missing", "body.count"],
      ],
    ],
    [
      computeRoutes.claimHubTasks,
      { compute_service_id: "a-00000000000000000000000000000000", count: 1, protocols: [] },
      [["too_short", "body.protocols"]],
    ],
    [
      computeRoutes.claimHubTasks,
      { compute_service_id: "a-00000000000000000000000000000000", count: 1, protocols: ["a b"] },
      [["string_pattern_mismatch", "body.protocols.0"]],
    ],
    [
      userRoutes.addRestartPatterns,
      { patterns: [""], num_allowed_restarts: 0 },
      [
        ["string_too_short", "body.patterns.0"],
        ["greater_than_equal", "body.num_allowed_restarts"],
      ],
    ],
  ])("%#", (route, value, expected) => {
    const { issues } = bodyOf(route, value);
    expect(issues.map(({ type, loc }) => [type, loc.join(".")])).toEqual(expected);
  });

  test("a text that is no key, by the sentence that clients know", () => {
    const { issues, unreadable } = bodyOf(userRoutes.getTaskStatuses, { tasks: [text, "nonsense"] });
    expect(issues).toEqual([]);
    expect(unreadable).toMatch(/^input does not appear to be a `ScopedKey`.*body\.tasks\.1/);
  });

  test("members behind the prototype are not members", () => {
    const value = JSON.parse('{"__proto__": {"tasks": []}}') as unknown;
    expect(bodyOf(userRoutes.getTaskStatuses, value).issues).toHaveLength(1);
  });
});
