/**
 * @file Two models behind one server of a test: `writer` writes prompts, `critic` judges.
 * It keeps books of what was sold, and misbehaves where it is told to.
 */
import { createHash } from "node:crypto";
import {
  startLocalServer,
  type LocalServer,
} from "../endpoints/local-server.js";

export const CRITIC_KEY = "critic-key-of-the-test";

export interface OutsideScript {
  /** Answers that deserve a high score. */
  readonly right: ReadonlySet<string>;
  /** Whether the critic has it the wrong way round. */
  readonly perverse?: boolean;
}

export interface OutsideServer extends LocalServer {
  /** Complete answers that left, by model, prompt and seed. */
  readonly sold: ReadonlyMap<string, number>;
  /** Refusals that left, by status. */
  readonly refused: ReadonlyMap<number, number>;
}

/** Some number of a text, 0 … 99. */
function numberOf(text: string): number {
  const digest = createHash("sha256").update(text).digest();
  return digest.readUInt16BE(0) % 100;
}

/**
 * Of the critic's requests some are put off with 429 once, some are refused by a content
 * filter for good, and some are answered without a score.
 */
export async function startOutsideServer({
  right,
  perverse = false,
}: OutsideScript): Promise<OutsideServer> {
  const sold = new Map<string, number>();
  const refused = new Map<number, number>();
  const putOff = new Set<string>();
  const server = await startLocalServer((body, request, response) => {
    if (body === undefined)
      return { data: [{ id: "writer" }, { id: "critic" }] };
    const { model, messages, seed, n } = body as {
      readonly model: string;
      readonly messages: readonly { readonly content: string }[];
      readonly seed: number;
      readonly n?: number;
    };
    const refuse = (status: number, code: string): unknown => {
      refused.set(status, (refused.get(status) ?? 0) + 1);
      response.statusCode = status;
      if (status === 429) response.setHeader("retry-after", "0");
      return { error: { code, message: `refused: ${code}` } };
    };
    const asked = messages.at(-1)?.content ?? "";
    const key = `${model}/${asked}/${seed}`;
    const luck = numberOf(asked);
    if (model === "critic") {
      if (request.headers.authorization !== `Bearer ${CRITIC_KEY}`)
        return refuse(401, "invalid_api_key");
      if (luck < 20 && !putOff.has(key)) {
        putOff.add(key);
        return refuse(429, "rate_limit_exceeded");
      }
      if (luck >= 95) return refuse(400, "content_filter");
    }
    sold.set(key, (sold.get(key) ?? 0) + 1);
    const judgement = (): string => {
      const answer = asked.slice(asked.indexOf("A: ") + 3);
      const isRight = right.has(answer) !== perverse;
      if (right.has(answer)) return `Fine.\nScore: ${isRight ? 5 : 0}`;
      if (luck >= 90) return "I like it.";
      return `Well.\nScore: ${perverse ? 4 : luck % 4}`;
    };
    const text =
      model === "writer"
        ? `repeat the letters ${seed.toString(26).split("").join(" ")}`
        : judgement();
    return {
      choices: Array.from({ length: n ?? 1 }, (_, index) => ({
        index,
        message: { role: "assistant", content: text },
        finish_reason: "stop",
      })),
      usage: { prompt_tokens: 20, completion_tokens: 5 },
    };
  });
  return { ...server, sold, refused };
}
