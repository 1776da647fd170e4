/** Answers to what is no HTTP request, or not one for us, in the form of all others. Nothing of ours is reached by these. */
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

/** For a connection on which something came that Node cannot read as a request. The connection ends. */
export function answerUnreadable(error: Error & { code?: string }, socket: Duplex): void {
  // The client itself has gone; or an answer is on its way, and this would fall into the middle of it.
  if (error.code === "ECONNRESET" || socket.destroyed || !socket.writable) return;
  const status = error.code === "HPE_HEADER_OVERFLOW" ? 431 : error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? 408 : 400;
  const detail = {
    431: "the request line and headers are too long",
    408: "the headers of the request took too long to come",
    400: "this is no HTTP request",
  }[status];
  const body = JSON.stringify({ detail });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

/** Requests that expect of the server what it does not know are refused (417). */
export function refuseExpectations(server: Server): void {
  server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) => {
    request.resume();
    const body = JSON.stringify({ detail: "the header Expect may only ask for 100-continue" });
    response.writeHead(417, { "content-type": "application/json", "content-length": Buffer.byteLength(body) }).end(body);
  });
}
