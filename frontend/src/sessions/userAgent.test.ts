import { expect, test } from "vitest";

import { agentInWords } from "./userAgent.ts";

test("browsers and systems are told by how they call themselves", () => {
  const known = {
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36": "Chrome on Linux",
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0": "Edge on Windows",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0": "Firefox on macOS",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604.1": "Safari on iOS",
    "curl/8.5.0": "curl",
  };
  for (const [userAgent, words] of Object.entries(known)) expect(agentInWords(userAgent)).toBe(words);
});

test("what nobody knows stands for itself, and not for too long", () => {
  expect(agentInWords("my-script 1.0")).toBe("my-script 1.0");
  expect(agentInWords("x".repeat(500))).toHaveLength(80);
  expect(agentInWords(null)).toBe("unknown");
});
