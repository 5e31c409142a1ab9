// Every case with one library, named on the command line: node clients.mjs oauth4webapi < about.json
// It prints one JSON object: what came of each case by its name.

import { webcrypto } from "node:crypto";

globalThis.crypto ??= webcrypto; // Node 18 keeps it there

const { connect } = await import(`./with-${process.argv[2]}.mjs`);
const { Learner } = await import("./learner.mjs");
const { another } = await import("./keys.mjs");

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { server, clients, user, expired } = JSON.parse(Buffer.concat(chunks));
const back = clients.partner.redirect_uris[0];

const learner = new Learner(server, user);
const [partner, program, school] = await Promise.all(["partner", "public", "reader"].map((name) => connect(server, clients[name])));

// What a case that ought to fail fails with: the error of the server, or that the library itself would not have it.
async function refused(work) {
  try {
    await work();
    return "taken";
  } catch (error) {
    const answer = error.response ?? error.cause?.response;
    return error.error ?? (answer && (await answer.json()).error) ?? `library: ${error.cause?.message ?? error.message}`;
  }
}

async function agreed(client, more) {
  const asked = await client.begin(back, { prompt: "consent", ...more });
  return { asked, came: await learner.decide(asked.url) };
}

async function tokens(client) {
  const { asked, came } = await agreed(client);
  return client.finish(asked, came);
}

const bent = (came, changed) => {
  const other = new URL(came);
  for (const [name, value] of Object.entries(changed)) value === null ? other.searchParams.delete(name) : other.searchParams.set(name, value);
  return other;
};
const is_active = async (token) => (await partner.introspect(token)).active;
const status = async (token) => (await partner.read("/me", token)).status;

const cases = {
  async discovery() {
    const { issuer, code_challenge_methods_supported, authorization_response_iss_parameter_supported } = partner.as;
    const { resource, authorization_servers } = await partner.resource();
    return { issuer, code_challenge_methods_supported, authorization_response_iss_parameter_supported, resource, authorization_servers };
  },
  async client_credentials() {
    const given = await school.machine("credits:read");
    const answer = await school.read("/changes", given.access_token);
    return { scope: given.scope, lasts: given.expires_in, status: answer.status };
  },
  async private_key_jwt() {
    const keyed = await connect(server, clients.keyed);
    const scopes = [await keyed.machine(), await keyed.machine()].map((given) => given.scope);
    const imposter = await connect(server, { ...clients.keyed, jwk: await another(clients.keyed.jwk) });
    return { scopes, another_key: await refused(() => imposter.machine()) };
  },
  async introspection() {
    const { access_token } = await school.machine();
    const mine = await school.introspect(access_token);
    return { mine: mine.active, scope: mine.scope, anothers: await is_active(access_token), unknown: (await school.introspect("unknown")).active };
  },
  async revocation() {
    const { access_token } = await school.machine();
    await school.revoke(access_token);
    await school.revoke("unknown");
    return { active: (await school.introspect(access_token)).active, status: (await school.read("/changes", access_token)).status };
  },
  async code_public() {
    const given = await tokens(program);
    const answer = await program.read("/me/credits", given.access_token);
    return { status: answer.status, scope: given.scope, refresh: "refresh_token" in given, records: (await answer.json()).items.length };
  },
  async code_confidential() {
    const given = await tokens(partner);
    return { status: await status(given.access_token), scope: given.scope, refresh: "refresh_token" in given };
  },
  async refresh_rotation() {
    const first = await tokens(partner);
    const second = await partner.refresh(first.refresh_token);
    const third = await partner.refresh(second.refresh_token);
    const kinds = new Set([first, second, third].flatMap((each) => [each.refresh_token, each.access_token]));
    return { different: kinds.size, status: await status(third.access_token) };
  },
  async refresh_reused_ends_the_family() {
    const first = await tokens(partner);
    const second = await partner.refresh(first.refresh_token);
    const error = await refused(() => partner.refresh(first.refresh_token));
    return { error, active: await is_active(second.access_token), status: await status(second.access_token),
      next: await refused(() => partner.refresh(second.refresh_token)) };
  },
  async refresh_revoked() {
    const { access_token, refresh_token } = await tokens(partner);
    await partner.revoke(refresh_token);
    return { error: await refused(() => partner.refresh(refresh_token)), status: await status(access_token) };
  },
  async code_replayed_ends_the_family() {
    const { asked, came } = await agreed(partner);
    const given = await partner.finish(asked, came);
    const error = await refused(() => partner.finish(asked, came));
    return { error, active: await is_active(given.access_token), refresh: await refused(() => partner.refresh(given.refresh_token)) };
  },
  async wrong_verifier() {
    const { asked, came } = await agreed(partner);
    return refused(() => partner.finish({ ...asked, verifier: "x".repeat(43) }, came));
  },
  async wrong_redirect_uri_at_the_token_endpoint() {
    const { asked, came } = await agreed(partner);
    return refused(() => partner.finish({ ...asked, redirect_uri: `${back}/other` }, came));
  },
  async wrong_redirect_uri_leads_nowhere() {
    const { url } = await partner.begin(`${back}/other`);
    return learner.decide(url);
  },
  async no_pkce_from_a_program() {
    const { url, state } = await program.begin(back);
    for (const name of ["code_challenge", "code_challenge_method"]) url.searchParams.delete(name);
    return refused(async () => program.finish({ state, verifier: "x".repeat(43), redirect_uri: back }, await learner.decide(url)));
  },
  async wrong_state() {
    const { asked, came } = await agreed(partner);
    return refused(() => partner.finish(asked, bent(came, { state: "another" })));
  },
  async wrong_issuer() {
    const { asked, came } = await agreed(partner);
    return refused(() => partner.finish(asked, bent(came, { iss: "https://evil.example" })));
  },
  async no_issuer() {
    const { asked, came } = await agreed(partner);
    return refused(() => partner.finish(asked, bent(came, { iss: null })));
  },
  async code_of_another_client() {
    const { asked, came } = await agreed(partner);
    const theirs = await refused(() => program.finish(asked, came));
    const given = await refused(() => partner.finish(asked, came));
    return { theirs, given };
  },
  async wrong_secret() {
    const imposter = await connect(server, { ...clients.partner, client_secret: "wrong" });
    return refused(() => imposter.refresh("any"));
  },
  async grant_that_is_not_the_clients() {
    return { machine: await refused(() => partner.machine()), learner: await refused(() => school.refresh("any")) };
  },
  async unknown_scope() {
    const { asked, came } = await agreed(partner, { scope: "everything" });
    return { learner: await refused(() => partner.finish(asked, came)), machine: await refused(() => school.machine("everything")) };
  },
  async the_learner_says_no() {
    const asked = await partner.begin(back, { prompt: "consent" });
    const came = await learner.decide(asked.url, "refuse");
    return refused(() => partner.finish(asked, came));
  },
  async expired_code() {
    const { verifier, state, came } = expired;
    return refused(() => partner.finish({ verifier, state, redirect_uri: back }, new URL(came)));
  },
};

const found = {};
for (const [name, work] of Object.entries(cases)) {
  try {
    found[name] = await work();
  } catch (error) {
    found[name] = `failed: ${error.error ?? ""} ${error.stack}`;
  }
}
console.log(JSON.stringify(found));
