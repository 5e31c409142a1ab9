// What the cases need, by oauth4webapi.

import * as oauth from "oauth4webapi";
import { signing } from "./keys.mjs";

const here = { [oauth.allowInsecureRequests]: true }; // the server of the tests has no TLS

export async function connect(server, known) {
  const issuer = new URL(`${server}/creditbank`);
  const found = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...here });
  const as = await oauth.processDiscoveryResponse(issuer, found);
  const client = { client_id: known.client_id };
  const proof = known.jwk ? oauth.PrivateKeyJwt({ key: await signing(known.jwk), kid: known.jwk.kid })
    : known.client_secret ? oauth.ClientSecretBasic(known.client_secret) : oauth.None();

  return {
    as,
    async resource() {
      const api = new URL(`${server}/creditbank/api`);
      return oauth.processResourceDiscoveryResponse(api, await oauth.resourceDiscoveryRequest(api, here));
    },
    async machine(scope) {
      const answer = await oauth.clientCredentialsGrantRequest(as, client, proof, scope ? { scope } : {}, here);
      return oauth.processClientCredentialsResponse(as, client, answer);
    },
    async begin(redirect_uri, more = {}) {
      const verifier = oauth.generateRandomCodeVerifier(), state = oauth.generateRandomState();
      const url = new URL(as.authorization_endpoint);
      const code_challenge = await oauth.calculatePKCECodeChallenge(verifier);
      const asked = { response_type: "code", client_id: client.client_id, redirect_uri, scope: "credits:read", state, code_challenge,
        code_challenge_method: "S256", ...more };
      for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
      return { url, state, verifier, redirect_uri };
    },
    async finish({ state, verifier, redirect_uri }, came) {
      const told = oauth.validateAuthResponse(as, client, came, state);
      const answer = await oauth.authorizationCodeGrantRequest(as, client, proof, told, redirect_uri, verifier, here);
      return oauth.processAuthorizationCodeResponse(as, client, answer);
    },
    async refresh(token) {
      return oauth.processRefreshTokenResponse(as, client, await oauth.refreshTokenGrantRequest(as, client, proof, token, here));
    },
    async introspect(token) {
      return oauth.processIntrospectionResponse(as, client, await oauth.introspectionRequest(as, client, proof, token, here));
    },
    async revoke(token) {
      return oauth.processRevocationResponse(await oauth.revocationRequest(as, client, proof, token, here));
    },
    async read(path, token) {
      try {
        return await oauth.protectedResourceRequest(token, "GET", new URL(`${server}/creditbank/api/v1${path}`), undefined, undefined, here);
      } catch (error) {
        if (error instanceof oauth.WWWAuthenticateChallengeError) return error.response;
        throw error;
      }
    },
  };
}
