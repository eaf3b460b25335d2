// A subscription over graphql-transport-ws, as an account. One socket for each: it ends with what it was opened for.

import { token } from "./client.js";

/** A new token goes to the server this long before the old one expires. */
const SPARE = 60_000;

/**
 * Subscribes. Tells `next(payload)` of each event, `begun()` when the server has taken the subscription, and `end(why)` once: `why` is empty
 * when the server is done, or we are, the errors of an answer, or the socket's code and reason. Answers how to stop.
 */
export function subscribe(username, query, variables, { begun, next, end }) {
  let socket = null;
  let timer = null;
  let over = false;
  const finish = (why) => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    socket?.close(1000);
    end(why);
  };
  const say = (message) => socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message));
  const bearer = (held) => (held ? { authorization: `Bearer ${held.value}` } : {});
  // The socket lives as long as its token: before that expires, a new one of the same session takes its place.
  const refresh = ({ until }) => {
    timer = setTimeout(async () => {
      const fresh = await token(username, 2 * SPARE).catch(() => null);
      if (!fresh || over) return;
      say({ type: "ping", payload: bearer(fresh) });
      refresh(fresh);
    }, Math.max(1000, until - Date.now() - SPARE));
  };
  const open = (held) => {
    if (over) return;
    socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/graphql`, "graphql-transport-ws");
    socket.addEventListener("open", () => say({ type: "connection_init", payload: bearer(held) }));
    socket.addEventListener("message", ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === "connection_ack") {
        say({ id: "1", type: "subscribe", payload: { query, variables } });
        if (held) refresh(held);
        begun();
      } else if (message.type === "ping") say({ type: "pong" });
      else if (message.type === "next") next(message.payload);
      else if (message.type === "error") finish(message.payload.map((error) => error.message).join(" "));
      else if (message.type === "complete") finish("");
    });
    socket.addEventListener("close", ({ code, reason }) => finish(code === 1000 ? "" : `${code} ${reason}`.trim()));
  };
  token(username, 2 * SPARE).then(open, (error) => finish(error.message));
  return () => {
    say({ id: "1", type: "complete" });
    finish("");
  };
}
