// npm dwolla-v2, the older client, which knows URLs and JSON only.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { step, until } from "./steps.mjs";

const { Client } = createRequire(import.meta.url)("dwolla-v2");

export async function run({ url, key, secret }) {
  const dwolla = new Client({ key, secret, environment: "sandbox" });
  dwolla.apiUrl = url;
  dwolla.tokenUrl = `${url}/token`;

  const account = await step("v2: root", async () => {
    const root = await dwolla.get("/");
    return root.body._links.account.href;
  });
  const sources = await step("v2: funding sources of the account", async () => {
    const found = (await dwolla.get(`${account}/funding-sources`)).body._embedded["funding-sources"];
    return Object.fromEntries(found.map((f) => [f.type, f._links.self.href]));
  });
  const people = await step("v2: create customers", () =>
    Promise.all(
      [...Array(5).keys()].map(async (i) => {
        const made = await dwolla.post("/customers", {
          firstName: "Ada", lastName: `Number${i}`, email: `ada${i}@v2.example`,
        });
        assert.equal(made.status, 201);
        return made.headers.get("location");
      }),
    ),
  );
  const banks = await step("v2: create funding sources", () =>
    Promise.all(
      people.map(async (person, i) => {
        const made = await dwolla.post(`${person}/funding-sources`, {
          routingNumber: "222222226", accountNumber: `55500${i}0001`, bankAccountType: "checking", name: `Bank ${i}`,
        });
        return made.headers.get("location");
      }),
    ),
  );
  await step("v2: a duplicate bank links to the first", async () => {
    const again = {
      routingNumber: "222222226", accountNumber: "5550000001", bankAccountType: "checking", name: "Again",
    };
    const error = await dwolla.post(`${people[0]}/funding-sources`, again).then(() => assert.fail(), (e) => e);
    assert.equal(error.body.code, "DuplicateResource");
    assert.equal(error.body._links.about.href, banks[0]);
  });
  const payment = await step("v2: transfer", async () => {
    const made = await dwolla.post(
      "/transfers",
      { _links: { source: { href: sources.balance }, destination: { href: banks[0] } }, amount: { currency: "USD", value: "12.34" } },
      { "Idempotency-Key": "v2-transfer" },
    );
    return made.headers.get("location");
  });
  await step("v2: process and read the transfer", async () => {
    await dwolla.post("/sandbox-simulations");
    const read = (await dwolla.get(payment)).body;
    assert.equal(read.status, "processed");
    assert.equal(read.amount.value, "12.34");
  });
  await step("v2: read the reason of a failed transfer", async () => {
    await dwolla.post(banks[1], { name: "R01" });
    const made = await dwolla.post("/transfers", {
      _links: { source: { href: sources.balance }, destination: { href: banks[1] } }, amount: { currency: "USD", value: "1.00" },
    });
    await dwolla.post("/sandbox-simulations");
    const failure = (await dwolla.get(`${made.headers.get("location")}/failure`)).body;
    assert.equal(failure.code, "R01");
  });
  const batch = await step("v2: pay en masse", async () => {
    const made = await dwolla.post("/mass-payments", {
      _links: { source: { href: sources.balance } },
      items: [...banks, `${url}/funding-sources/none`].map((href, i) => ({
        _links: { destination: { href } }, amount: { currency: "USD", value: "1.00" }, correlationId: `v2-${i}`,
      })),
    });
    return made.headers.get("location");
  });
  await step("v2: read the items, page by page", async () => {
    await until(async () => (await dwolla.get(batch)).body.status, (status) => status === "complete");
    const items = [];
    let page = (await dwolla.get(`${batch}/items`, { limit: 2 })).body;
    for (;;) {
      items.push(...page._embedded.items);
      if (!page._links.next) break;
      page = (await dwolla.get(page._links.next.href)).body;
    }
    assert.deepEqual(items.map((i) => i.status), [...banks.map(() => "success"), "failed"]);
    assert.equal(items.at(-1)._embedded.errors[0].code, "Invalid");
    const failed = (await dwolla.get(`${batch}/items`, { status: ["failed", "pending"] })).body;
    assert.equal(failed.total, 1);
  });
  await step("v2: find a transfer by its correlation id", async () => {
    const found = (await dwolla.get(`${account}/transfers`, { correlationId: "v2-2" })).body;
    assert.equal(found.total, 1);
  });
  await step("v2: search customers", async () => {
    const found = (await dwolla.get("/customers", { search: "number3", limit: 1 })).body;
    assert.equal(found._embedded.customers[0].email, "ada3@v2.example");
  });
  await step("v2: validation errors name their field", async () => {
    const error = await dwolla
      .post("/transfers", {
        _links: { source: { href: sources.balance }, destination: { href: banks[0] } }, amount: { currency: "USD", value: "999999.00" },
      })
      .then(() => assert.fail(), (e) => e);
    assert.equal(error.status, 400);
    assert.equal(error.body._embedded.errors[0].code, "InsufficientFunds");
  });
  await step("v2: remove a bank", async () => {
    const gone = await dwolla.post(banks[4], { removed: true });
    assert.equal(gone.body.removed, true);
  });
  await step("v2: events", async () => {
    const topics = (await dwolla.get("/events", { limit: 200 })).body._embedded.events.map((e) => e.topic);
    assert.ok(topics.includes("mass_payment_completed") && topics.includes("customer_transfer_failed"));
  });
}
