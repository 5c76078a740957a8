// The socket.io server on Node that the load generator measures beside parley. It listens on a free
// loopback port, writes the address to its first line of output, and ends on SIGTERM.
"use strict";

const { readFileSync } = require("node:fs");
const plain = require("node:http");
const secure = require("node:https");
const { Server } = require("socket.io");
const { handle } = require("./handlers.js");

const certificate = process.env.LOAD_TLS_CERT;
const http = certificate
  ? secure.createServer({ cert: readFileSync(certificate), key: readFileSync(process.env.LOAD_TLS_KEY) })
  : plain.createServer();

handle(new Server(http, { allowEIO3: true, serveClient: false }));

http.listen(0, "127.0.0.1", () => {
  console.log("listening " + http.address().address + ":" + http.address().port);
});
process.on("SIGTERM", () => process.exit(0));
