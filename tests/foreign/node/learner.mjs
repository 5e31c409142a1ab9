// A learner's browser by plain HTTP: it keeps cookies, logs in where it is asked to, and presses a button on the page of consent.

const field = /<input type="hidden" name="([^"]+)" value="([^"]*)">/g;
const plain = (text) => text.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(code)).replaceAll("&lt;", "<").replaceAll("&gt;", ">")
  .replaceAll("&quot;", '"').replaceAll("&amp;", "&");
const hidden = (page) => Object.fromEntries([...page.matchAll(field)].map(([, name, value]) => [name, plain(value)]));

export class Learner {
  cookies = new Map();

  constructor(server, user) {
    Object.assign(this, { server, user });
  }

  async open(url, form) {
    const headers = { cookie: [...this.cookies].map((pair) => pair.join("=")).join("; ") };
    const body = form && new URLSearchParams(form);
    const answer = await fetch(url, { method: form ? "POST" : "GET", body, headers, redirect: "manual" });
    for (const line of answer.headers.getSetCookie()) {
      const [name, value] = line.split(";", 1)[0].split(/=(.*)/s);
      this.cookies.set(name, value);
    }
    const to = answer.headers.get("location");
    return { status: answer.status, to: to && new URL(to, url), page: await answer.text() };
  }

  // Where the browser is led in the end: an address that is not of the server; null where it stays on a page of it.
  async decide(url, decision = "agree") {
    let now = await this.open(url);
    for (let steps = 0; steps < 8; steps += 1) {
      if (now.to && now.to.origin !== new URL(this.server).origin) return now.to;
      if (now.to) now = await this.open(now.to);
      else if (now.page.includes('name="password"')) {
        const { username, password } = this.user;
        now = await this.open(`${this.server}/login`, { ...hidden(now.page), username, password });
      } else if (now.page.includes('name="decision"')) {
        now = await this.open(`${this.server}/creditbank/oauth/authorize`, { ...hidden(now.page), decision });
      } else return null;
    }
    throw new Error("led about without end");
  }
}
