// The plain Socket.IO server that the load generator measures beside parley:
// the same handlers, everything in memory, no database. It listens on a free
// loopback port, says which on its first line of output, and ends on SIGTERM.
"use strict";

const { readFileSync } = require("node:fs");
const plain = require("node:http");
const secure = require("node:https");
const { Server } = require("socket.io");

const certificate = process.env.LOAD_TLS_CERT;
const http = certificate
  ? secure.createServer({ cert: readFileSync(certificate), key: readFileSync(process.env.LOAD_TLS_KEY) })
  : plain.createServer();
const io = new Server(http, { allowEIO3: true, serveClient: false });

io.use((socket, next) => {
  const token = socket.handshake.auth.token ?? socket.handshake.query.token;
  if (!token) return next(new Error("token required"));
  socket.data.account = token;
  next();
});

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

  // One room a name: who logs in as "a" hears what is sent to "a".
  socket.join("account:" + account);
  socket.on("send message", ({ touser, msg, type, waitingid }, ack) => {
    const id = String(++lastMessage);
    const now = Date.now();
    const message = { id, from: account, to: touser, type, msg: { con: msg }, waitingid, ts: now };
    socket.to(["account:" + touser, "account:" + account]).emit("new message", message);
    ack(false, { id, waitingid, socket: message });
  });
});

http.listen(0, "127.0.0.1", () => {
  console.log("listening " + http.address().address + ":" + http.address().port);
});
process.on("SIGTERM", () => process.exit(0));
