// The same server on Bun, with the engine that socket.io has for Bun. It speaks Engine.IO 4 only.
import { readFileSync } from "node:fs";
import { Server as Engine } from "@socket.io/bun-engine";
import { Server } from "socket.io";
import { handle } from "./handlers.js";

const io = new Server();
const engine = new Engine({ path: "/socket.io/" });
io.bind(engine);
handle(io);

const certificate = process.env.LOAD_TLS_CERT;
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  ...(certificate && { tls: { cert: readFileSync(certificate), key: readFileSync(process.env.LOAD_TLS_KEY) } }),
  ...engine.handler(),
});
console.log("listening 127.0.0.1:" + server.port);
process.on("SIGTERM", () => process.exit(0));
