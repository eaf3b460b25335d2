// Sessions: who is signed in, and sending operations as any client would. Tokens stay in memory.

import { current } from "./i18n.js";

const SIGN_IN = `mutation SignIn($username: String!, $password: String!) {
  signIn(input: { username: $username, password: $password }) {
    session { accessToken refreshToken } userErrors { message } } }`;
const REFRESH = `mutation RefreshSession($refreshToken: String!) {
  refreshSession(input: { refreshToken: $refreshToken }) {
    session { accessToken refreshToken } userErrors { message } } }`;

const sessions = new Map();

/** Signs in, unless the account is signed in already. */
export async function signIn(username, password) {
  if (sessions.has(username)) return;
  const answer = await send(SIGN_IN, { username, password }, null);
  const payload = answer.body?.data?.signIn;
  if (!payload?.session) throw new Error(payload?.userErrors?.[0]?.message ?? answer.body?.errors?.[0]?.message ?? answer.status);
  sessions.set(username, { ...payload.session, username, password });
}

/** Sends an operation as an account, or as nobody (null). An expired session is renewed on the way: when it has is the server's to say. */
export async function ask(username, query, variables) {
  const session = sessions.get(username);
  if (!session) return send(query, variables, null);
  let answer = await send(query, variables, sessions.get(username)?.accessToken);
  if (answer.body?.errors?.some((error) => error.extensions?.code === "UNAUTHENTICATED")) {
    await renew(session);
    answer = await send(query, variables, sessions.get(username)?.accessToken);
  }
  return answer;
}

async function renew(session) {
  const answer = await send(REFRESH, { refreshToken: session.refreshToken }, null);
  const renewed = answer.body?.data?.refreshSession?.session;
  sessions.delete(session.username);
  if (renewed) sessions.set(session.username, { ...session, ...renewed });
  else await signIn(session.username, session.password).catch(() => {});
}

async function send(query, variables, token) {
  const headers = {
    "content-type": "application/json",
    accept: "application/graphql-response+json",
    "accept-language": current(),
  };
  if (token) headers.authorization = `Bearer ${token}`;
  const begun = performance.now();
  const response = await fetch("/graphql", { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  const text = await response.text();
  let body = null;
  try { body = JSON.parse(text); } catch { /* shown as it came */ }
  return {
    status: response.status,
    ms: Math.round(performance.now() - begun),
    bytes: new Blob([text]).size,
    statements: response.headers.get("x-statement-count"),
    request: response.headers.get("x-request-id"),
    body, text,
  };
}
