// A client's own key, ready to sign.

const kind = { name: "ECDSA", namedCurve: "P-256" };

export const signing = (jwk) => crypto.subtle.importKey("jwk", jwk, kind, false, ["sign"]);
export const another = async (jwk) => {
  const { privateKey } = await crypto.subtle.generateKey(kind, true, ["sign"]);
  return { ...(await crypto.subtle.exportKey("jwk", privateKey)), kid: jwk.kid };
};
