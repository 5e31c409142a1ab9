// What the cases need, by openid-client.

import * as openid from "openid-client";
import { signing } from "./keys.mjs";

export async function connect(server, known) {
  const proof = known.jwk ? openid.PrivateKeyJwt({ key: await signing(known.jwk), kid: known.jwk.kid })
    : known.client_secret ? openid.ClientSecretBasic(known.client_secret) : openid.None();
  const config = await openid.discovery(new URL(`${server}/creditbank`), known.client_id, undefined, proof, {
    algorithm: "oauth2",
    execute: [openid.allowInsecureRequests], // the server of the tests has no TLS
  });

  return {
    as: config.serverMetadata(),
    async resource() {
      return (await fetch(`${server}/.well-known/oauth-protected-resource/creditbank/api`)).json(); // it has no call for this
    },
    machine: (scope) => openid.clientCredentialsGrant(config, scope ? { scope } : {}),
    async begin(redirect_uri, more = {}) {
      const verifier = openid.randomPKCECodeVerifier(), state = openid.randomState();
      const code_challenge = await openid.calculatePKCECodeChallenge(verifier);
      const asked = { redirect_uri, scope: "credits:read", state, code_challenge, code_challenge_method: "S256", ...more };
      return { url: openid.buildAuthorizationUrl(config, asked), state, verifier, redirect_uri };
    },
    async finish({ state, verifier, redirect_uri }, came) {
      const back = new URL(redirect_uri); // it takes the redirect URI from the address that came
      back.search = came.search;
      return openid.authorizationCodeGrant(config, back, { pkceCodeVerifier: verifier, expectedState: state });
    },
    refresh: (token) => openid.refreshTokenGrant(config, token),
    introspect: (token) => openid.tokenIntrospection(config, token),
    revoke: (token) => openid.tokenRevocation(config, token),
    async read(path, token) {
      try {
        return await openid.fetchProtectedResource(config, token, new URL(`${server}/creditbank/api/v1${path}`), "GET");
      } catch (error) {
        if (error.response instanceof Response) return error.response;
        throw error;
      }
    },
  };
}
