// The handlers that the Node server and the Bun server share. Everything is in memory, without a database.
"use strict";

// As many namespaces as the load generator joins on one connection, the default one included.
const namespaces = 128;

/** Adds the handlers to a server of socket.io. */
function handle(io) {
  const join = (socket, next) => {
    const token = socket.handshake.auth.token ?? socket.handshake.query.token;
    if (!token) return next(new Error("token required"));
    socket.data.account = token;
    next();
  };
  io.use(join);
  for (let i = 1; i < namespaces; i++) io.of("/n" + i).use(join);

  let lastMessage = 0;

  io.on("connection", (socket) => {
    const account = socket.data.account;

    socket.on("echo", (value, ack) => ack(value));

    socket.on("join", (room, ack) => {
      socket.join(room);
      ack();
    });

    socket.on("broadcast", (message) => {
      io.to("room").emit("message", message);
    });

    // One room for each name: a client that logs in as "a" gets the messages to "a".
    socket.join("account:" + account);
    socket.on("send message", ({ touser, msg, type, waitingid }, ack) => {
      const id = String(++lastMessage);
      const now = Date.now();
      const message = { id, from: account, to: touser, type, msg: { con: msg }, waitingid, ts: now };
      socket.to(["account:" + touser, "account:" + account]).emit("new message", message);
      ack(false, { id, waitingid, socket: message });
    });
  });
}

module.exports = { handle };
