// The npm package standardwebhooks: what it says of messages that came, and one that it signs itself.

import { Webhook } from "standardwebhooks";

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { messages, secret } = JSON.parse(Buffer.concat(chunks));

const verified = messages.map(({ body, headers, secret }) => {
  try {
    return new Webhook(secret).verify(body, headers);
  } catch (error) {
    return error.message;
  }
});
const now = new Date(), body = JSON.stringify({ type: "credit.posted", timestamp: now.toISOString(), data: { id: "ก" } });
const headers = { "webhook-id": "m-1", "webhook-timestamp": String(Math.floor(now / 1000)), "webhook-signature": new Webhook(secret).sign("m-1", now, body) };
console.log(JSON.stringify({ verified, signed: { body, headers } }));
