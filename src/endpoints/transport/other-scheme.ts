/**
 * @file Whether a server speaks TLS where it was spoken to without it, or the other way
 * round: some hang up without a word, and only trying it tells.
 */
import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectSecure } from "node:tls";
import { messageOf } from "../../foundation/error.js";
import { codeOf, OTHER_SCHEME } from "./failure.js";

/** Longest wait for a sign of the other way. */
const TRIAL_MS = 3000;
/** What a server may do to a connection that it does not understand, by what it was sent. */
const NOT_UNDERSTOOD: Readonly<Record<string, RegExp>> = {
  "http:": /^(UND_ERR_SOCKET|ECONNRESET|EPIPE)$/,
  "https:": /^(UND_ERR_SOCKET|ECONNRESET|EPIPE|UND_ERR_CONNECT_TIMEOUT)$/,
};

/** The error to tell: `cause`, or that the server speaks the other way. */
export async function withOtherScheme(
  cause: unknown,
  baseUrl: URL,
): Promise<unknown> {
  const { protocol } = baseUrl;
  if (NOT_UNDERSTOOD[protocol]?.test(codeOf(cause)) !== true) return cause;
  if (!(await speaksOtherwise(baseUrl))) return cause;
  const error = new Error(
    `${messageOf(cause)}; tried ${protocol === "http:" ? "with TLS, it answers" : "without TLS, it answers"}`,
    { cause },
  );
  return Object.assign(error, { code: OTHER_SCHEME });
}

function speaksOtherwise(baseUrl: URL): Promise<boolean> {
  const isPlain = baseUrl.protocol === "http:";
  const host = baseUrl.hostname.replace(/^\[|\]$/g, "");
  const port = Number(baseUrl.port) || (isPlain ? 80 : 443);
  return new Promise((resolve) => {
    const socket: Socket = isPlain
      ? // Nothing is sent but the greeting: whose certificate it is does not matter.
        connectSecure({ host, port, rejectUnauthorized: false }, () => {
          end(true);
        })
      : connectPlain({ host, port }, () => {
          socket.write(`HEAD / HTTP/1.1\r\nHost: ${baseUrl.host}\r\n\r\n`);
        });
    const end = (answers: boolean): void => {
      resolve(answers);
      socket.destroy();
    };
    socket.setTimeout(TRIAL_MS, () => {
      end(false);
    });
    socket.once("data", (bytes: Buffer) => {
      end(isPlain || bytes.toString("latin1").startsWith("HTTP/"));
    });
    // An alert (it wants a certificate of ours) is TLS too.
    socket.once("error", (error) => {
      end(isPlain && /ALERT/.test(codeOf(error)));
    });
    socket.once("close", () => {
      end(false);
    });
  });
}
