// npm dwolla, the newer client, generated and strict about what it reads.
import assert from "node:assert/strict";
import { Dwolla } from "dwolla";
import { idOf, step, until } from "./steps.mjs";

export async function run({ url, key, secret }) {
  const dwolla = new Dwolla({ serverURL: url, security: { clientID: key, clientSecret: secret } });
  const location = (made) => made.headers.location[0];

  const account = await step("ts: root and account", async () => {
    const root = await dwolla.root.get();
    const id = idOf(root.links.account.href);
    const read = await dwolla.accounts.get({ id });
    assert.equal(read.id, id);
    return id;
  });
  const sources = await step("ts: funding sources of the account", async () => {
    const found = (await dwolla.accounts.fundingSources.list({ id: account })).embedded.fundingSources;
    return Object.fromEntries(found.map((f) => [f.type, `${url}/funding-sources/${f.id}`]));
  });
  const people = await step("ts: create customers", () =>
    Promise.all(
      [...Array(5).keys()].map(async (i) =>
        location(
          await dwolla.customers.create({
            type: "receive-only", firstName: "Eva", lastName: `Number${i}`, email: `eva${i}@ts.example`,
          }),
        ),
      ),
    ),
  );
  await step("ts: create and read a verified customer", async () => {
    const made = await dwolla.customers.create({
      type: "personal", firstName: "Ida", lastName: "Lind", email: "ida@ts.example", address1: "18 Quarry Road",
      city: "Duluth", state: "MN", postalCode: "55802", dateOfBirth: "1984-05-17", ssn: "4821",
    });
    const read = await dwolla.customers.get({ id: idOf(location(made)) });
    assert.equal(read.status, "verified");
  });
  const banks = await step("ts: create funding sources", () =>
    Promise.all(
      people.map(async (person, i) =>
        location(
          await dwolla.customers.fundingSources.create({
            id: idOf(person),
            createCustomerFundingSource: {
              routingNumber: "222222226", accountNumber: `66600${i}0001`, bankAccountType: "checking", name: `Bank ${i}`,
            },
          }),
        ),
      ),
    ),
  );
  const payment = await step("ts: transfer", async () =>
    location(
      await dwolla.transfers.create({
        idempotencyKey: "ts-transfer",
        requestBody: {
          links: { source: { href: sources.balance }, destination: { href: banks[0] } },
          amount: { currency: "USD", value: "12.34" },
        },
      }),
    ),
  );
  await step("ts: process and read the transfer", async () => {
    await dwolla.sandboxSimulations.simulate();
    const read = await dwolla.transfers.get({ id: idOf(payment) });
    assert.equal(read.status, "processed");
    assert.equal(read.amount.value, "12.34");
  });
  await step("ts: read the reason of a failed transfer", async () => {
    await dwolla.fundingSources.updateOrRemove({ id: idOf(banks[1]), requestBody: { name: "R03" } });
    const made = await dwolla.transfers.create({
      requestBody: {
        links: { source: { href: sources.balance }, destination: { href: banks[1] } },
        amount: { currency: "USD", value: "1.00" },
      },
    });
    await dwolla.sandboxSimulations.simulate();
    const failure = await dwolla.transfers.failure.get({ id: idOf(location(made)) });
    assert.equal(failure.code, "R03");
  });
  const batch = await step("ts: pay en masse", async () =>
    idOf(
      location(
        await dwolla.massPayments.create({
          idempotencyKey: "ts-batch",
          requestBody: {
            links: { source: { href: sources.balance } },
            items: banks.map((href, i) => ({
              links: { destination: { href } }, amount: { currency: "USD", value: "1.00" }, correlationId: `ts-${i}`,
            })),
          },
        }),
      ),
    ),
  );
  await step("ts: read the items, page by page", async () => {
    await until(() => dwolla.massPayments.get({ id: batch }), (m) => m.status === "complete");
    const items = [];
    for (let offset = 0; ; offset += 2) {
      const page = await dwolla.massPayments.items.list({ id: batch, limit: "2", offset: String(offset) });
      items.push(...page.embedded.items);
      if (items.length >= page.total) break;
    }
    assert.deepEqual(items.map((i) => i.status), ["success", "failed", "success", "success", "success"]);
  });
  await step("ts: a mistake is an error with its code", async () => {
    const error = await dwolla.customers.get({ id: "none" }).then(() => assert.fail(), (e) => e);
    assert.equal(error.statusCode ?? error.httpMeta?.response?.status, 404);
  });
  await step("ts: search customers", async () => {
    const found = await dwolla.customers.list({ search: "number3", limit: 10 });
    assert.ok(found.embedded.customers.some((c) => c.email === "eva3@ts.example"));
  });
  await step("ts: events", async () => {
    const found = await dwolla.events.list({ limit: 50 });
    assert.ok(found.embedded.events.some((e) => e.topic === "mass_payment_completed"));
  });
}
