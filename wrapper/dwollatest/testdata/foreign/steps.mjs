// Counts what was tried and what went as it should.
import assert from "node:assert/strict";

export const count = { steps: 0, ok: 0 };

export async function step(name, run) {
  count.steps++;
  try {
    const out = await run();
    count.ok++;
    return out;
  } catch (error) {
    console.log(`FAILED ${name}: ${error?.body ? JSON.stringify(error.body) : error?.stack ?? error}`);
    return undefined;
  }
}

// until repeats a read until it gives what is wanted.
export async function until(read, wanted) {
  for (let i = 0; i < 200; i++) {
    const got = await read();
    if (wanted(got)) return got;
    await new Promise((wake) => setTimeout(wake, 50));
  }
  assert.fail("it never happened");
}

export const idOf = (url) => url.slice(url.lastIndexOf("/") + 1);
