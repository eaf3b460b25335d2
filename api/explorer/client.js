// Sessions: who is signed in, and sending operations as any client would. Tokens stay in memory.

import { current } from "./i18n.js";

const SIGN_IN = `mutation SignIn($username: String!, $password: String!) {
  signIn(input: { username: $username, password: $password }) {
    session { accessToken refreshToken } userErrors { message } } }`;
const REFRESH = `mutation RefreshSession($refreshToken: String!) {
  refreshSession(input: { refreshToken: $refreshToken }) {
    session { accessToken refreshToken } userErrors { message } } }`;

const sessions = new Map();
/** What the server's clock is ahead of this machine's, in milliseconds; null before anybody has signed in. */
let ahead = null;

/** Signs in, unless the account is signed in already. */
export async function signIn(username, password) {
  if (sessions.has(username)) return;
  const answer = await send(SIGN_IN, { username, password }, null);
  const payload = answer.body?.data?.signIn;
  if (!payload?.session) throw new Error(payload?.userErrors?.[0]?.message ?? answer.body?.errors?.[0]?.message ?? answer.status);
  keep({ username, password, ...payload.session });
}

/** A session with its new tokens, and when they expire by this machine's clock. */
function keep(session) {
  const { iat, exp } = JSON.parse(atob(session.accessToken.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
  ahead = iat * 1000 - Date.now();
  const kept = { ...session, until: Date.now() + (exp - iat) * 1000 };
  sessions.set(session.username, kept);
  return kept;
}

/** The server's time, in milliseconds; null before anybody has signed in. */
export const now = () => (ahead === null ? null : Date.now() + ahead);

/** The day on the server's calendar, which is China's; null before anybody has signed in. */
export const today = () => (ahead === null ? null : new Date(now() + 8 * 3600_000).toISOString().slice(0, 10));

/** Sends an operation as an account, or as nobody (null). An expired session is renewed on the way: when it has is the server's to say. */
export async function ask(username, query, variables, files = []) {
  const session = sessions.get(username);
  if (!session) return send(query, variables, null, files);
  let answer = await send(query, variables, session.accessToken, files);
  if (answer.body?.errors?.some((error) => error.extensions?.code === "UNAUTHENTICATED")) {
    await renew(session);
    answer = await send(query, variables, sessions.get(username)?.accessToken, files);
  }
  return answer;
}

/** A token that is good for a while, with the time at which this machine's clock sees it expire; null for nobody. */
export async function token(username, spare = 60_000) {
  let session = sessions.get(username);
  if (!session) return null;
  if (session.until - Date.now() < spare) {
    await renew(session);
    session = sessions.get(username);
  }
  return session ? { value: session.accessToken, until: session.until } : null;
}

const renewals = new Map();

/** Renews a session. A refresh token works once, so that whoever comes meanwhile waits for the same answer. */
function renew(session) {
  if (sessions.get(session.username) !== session) return renewals.get(session.username);
  if (!renewals.has(session.username)) {
    renewals.set(session.username, renewed(session).finally(() => renewals.delete(session.username)));
  }
  return renewals.get(session.username);
}

async function renewed(session) {
  const answer = await send(REFRESH, { refreshToken: session.refreshToken }, null);
  const fresh = answer.body?.data?.refreshSession?.session;
  if (fresh) return keep({ ...session, ...fresh });
  sessions.delete(session.username);
  return signIn(session.username, session.password).catch(() => {});
}

async function send(query, variables, bearer, files = []) {
  const headers = { accept: "application/graphql-response+json", "accept-language": current() };
  if (bearer) headers.authorization = `Bearer ${bearer}`;
  let body = JSON.stringify({ query, variables });
  if (files.length) {
    // The GraphQL multipart request specification. The browser names the media type, with its boundary.
    headers["graphql-preflight"] = "1";
    const form = new FormData();
    form.append("operations", body);
    form.append("map", JSON.stringify(Object.fromEntries(files.map(({ path }, at) => [at, [`variables.${path}`]]))));
    files.forEach(({ file }, at) => form.append(String(at), file, file.name));
    body = form;
  } else headers["content-type"] = "application/json";
  const begun = performance.now();
  const response = await fetch("/graphql", { method: "POST", headers, body });
  const text = await response.text();
  let answer = null;
  try { answer = JSON.parse(text); } catch { /* shown as it came */ }
  return {
    status: response.status,
    ms: Math.round(performance.now() - begun),
    bytes: new Blob([text]).size,
    statements: response.headers.get("x-statement-count"),
    request: response.headers.get("x-request-id"),
    body: answer, text,
  };
}
