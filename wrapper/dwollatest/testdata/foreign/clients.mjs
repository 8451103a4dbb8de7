// Usage: node clients.mjs URL KEY SECRET
import { count } from "./steps.mjs";
import * as older from "./dwolla-v2.mjs";
import * as newer from "./dwolla.mjs";

const [url, key, secret] = process.argv.slice(2);
for (const client of [older, newer]) {
  await client.run({ url, key, secret });
}
console.log(`${count.steps} steps, ${count.ok} ok`);
process.exit(count.ok === count.steps ? 0 : 1);
