/**
 * @file What a server's word for the end of an answer means.
 *
 * Only a known good ending makes a whole answer. What broke off is no answer; a word
 * that nobody knows counts as cut off, because half a sentence taken for a whole one
 * is found by nobody. Sources: the API references of OpenAI, Azure, Anthropic, Gemini,
 * Mistral, DeepSeek, Zhipu, Cohere and OpenRouter, and the sources of vLLM, SGLang,
 * llama.cpp, Ollama and TGI.
 */

export type Ending =
  /** Whole, ended by itself. */
  | "complete"
  /** At the maximum of tokens, to be gone on with, or nobody knows why. */
  | "cut"
  /** Held back by a filter, or declined: the same prompt would meet it again. */
  | "refused"
  /** The server or the connection failed on the way: no answer. */
  | "failed";

const WORDS: Readonly<Record<Ending, string>> = {
  complete: `stop stop_sequence stop_token stop_criteria stop_word end_turn eos
    eos_token end_of_text endoftext end_of_sequence complete completed finish
    finished`,
  // Also what waits for something that nobody here gives, a tool's result or one more
  // turn: what stands there is no answer, or the beginning of one.
  cut: `length max_tokens max_length max_output_tokens max_completion_tokens
    model_length model_context_window_exceeded context_length
    context_length_exceeded token_limit time_limit limit incomplete truncated
    not_finished error_limit repetition repetition_truncation tool_calls
    tool_call tool_use function_call pause_turn malformed_function_call
    malformed_tool_use unexpected_tool_call too_many_tool_calls`,
  refused: `content_filter content_filtered refusal safety recitation
    blocklist prohibited_content spii image_safety language sensitive
    error_toxic guardrail_intervened model_armor moderation`,
  failed: `error abort aborted cancelled canceled user_cancel timeout
    network_error insufficient_system_resource engine_overloaded
    malformed_model_output`,
};

const ENDINGS: ReadonlyMap<string, Ending> = new Map(
  (Object.keys(WORDS) as Ending[]).flatMap((ending) =>
    WORDS[ending].split(/\s+/).map((word) => [word, ending] as const),
  ),
);

/** The ending of a server's word in any case; undefined for a word that nobody knows. */
export function knownEnding(word: string): Ending | undefined {
  return ENDINGS.get(
    word
      .trim()
      .replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_")
      .toLowerCase()
      .replace(/^finish_?reason_/, "")
      .replaceAll(/[-\s]/g, "_"),
  );
}

/** A server's word out of the member that has it; undefined where it says none. */
export function endingWord(said: unknown): string | undefined {
  if (said === undefined || said === null) return undefined;
  // An ending that is no word is one that nobody knows.
  const word = typeof said === "string" ? said : JSON.stringify(said);
  return ["", "null", "none"].includes(word.trim().toLowerCase())
    ? undefined
    : word;
}

/** What an answer with this word is; a server that says none sends whole answers only. */
export function endingOf(word: string | undefined): Ending {
  return word === undefined ? "complete" : (knownEnding(word) ?? "cut");
}
