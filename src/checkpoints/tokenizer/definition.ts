/**
 * @file A `tokenizer.json`: which tokens the model has, checked, and the same definition
 * as the library is given it, with special tokens in their secret spelling.
 */
import { z } from "zod";
import { refused } from "../files/checkpoint-file.js";
import { declaredToken, type FoundToken } from "./added-tokens.js";
import { isFields, partProblem, type ComponentFields } from "./components.js";
import type { SecretSpelling } from "./secret-spelling.js";

const MODEL_KINDS = new Set(["BPE", "Unigram", "WordPiece", "WordLevel"]);

/** A merge as the old files and as the new ones write it. */
const merge = z.union([
  z.string().transform((text) => text.split(" ")),
  z.tuple([z.string(), z.string()]),
]);

const definitionFields = z.looseObject({
  added_tokens: z.array(declaredToken).nullish(),
  model: z.looseObject({
    type: z.string().optional(),
    // Read below: there are too many tokens for a schema.
    vocab: z.custom<object>(
      (value) => typeof value === "object" && value !== null,
      {
        error: "a table of tokens was expected",
      },
    ),
    merges: z.array(merge).nullish(),
    unk_token: z.string().nullish(),
    continuing_subword_prefix: z.string().nullish(),
    dropout: z.number().nullish(),
  }),
});

type DefinitionFields = z.infer<typeof definitionFields>;

export interface TokenizerDefinition {
  /** The model's own tokens, with their ids. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** What the file lists in `added_tokens`. */
  readonly declaredTokens: readonly z.infer<typeof declaredToken>[];
  readonly isBpe: boolean;
  readonly decoder: unknown;
  /**
   * The text that the library is given.
   * @param tokens all added tokens, in the order in which they get ids
   */
  forLibrary(tokens: readonly FoundToken[], secret: SecretSpelling): string;
}

/**
 * Reads the content of a `tokenizer.json`.
 * @throws BAD_CHECKPOINT with what is wrong, without the file's name
 */
export function readDefinition(content: unknown): TokenizerDefinition {
  const parsed = definitionFields.safeParse(content);
  if (!parsed.success) throw refused(z.prettifyError(parsed.error));
  const fields = parsed.data;
  const { model } = fields;
  const vocabulary = readVocabulary(model.vocab);
  const problem =
    modelProblem(model) ?? partProblem(isFields(content) ? content : {});
  if (problem !== null) throw refused(problem);
  return {
    vocabulary,
    declaredTokens: fields.added_tokens ?? [],
    decoder: fields["decoder"],
    isBpe:
      model.type === "BPE" || (model.type ?? model.merges) === model.merges,
    forLibrary: (tokens, secret) => written(fields, tokens, secret),
  };
}

/** Ids are u32 in the library. */
const MOST_IDS = 2 ** 32;

/** @throws BAD_CHECKPOINT naming a token whose id is no id, or is another's */
function readVocabulary(vocab: object): Map<string, number> {
  if (Array.isArray(vocab))
    return new Map(
      vocab.map((entry: unknown, index) => {
        const text: unknown = Array.isArray(entry) ? entry[0] : undefined;
        if (typeof text !== "string")
          throw refused(
            `entry ${index} of its vocabulary is not a token with its score`,
          );
        return [text, index];
      }),
    );
  const owners = new Map<number, string>();
  const tokens = new Map<string, number>();
  for (const [text, id] of Object.entries(vocab) as [string, unknown][]) {
    const named = JSON.stringify(text);
    if (
      typeof id !== "number" ||
      !Number.isInteger(id) ||
      id < 0 ||
      id >= MOST_IDS
    )
      throw refused(
        `its token ${named} has the id ${JSON.stringify(id)}, which is no token id`,
      );
    const owner = owners.get(id);
    if (owner !== undefined)
      throw refused(
        `its tokens ${JSON.stringify(owner)} and ${named} have the same id ${id}`,
      );
    owners.set(id, text);
    tokens.set(text, id);
  }
  return tokens;
}

/** What the library would fail on in the middle of a text, or do at random. */
function modelProblem(model: DefinitionFields["model"]): string | null {
  // Old files leave the kind out.
  if (model.type !== undefined && !MODEL_KINDS.has(model.type))
    return `its model is of type "${model.type}", which is not known (${[...MODEL_KINDS].join(", ")} are)`;
  if ((model.dropout ?? 0) > 0)
    return `its model.dropout is ${model.dropout}, which would tokenise the same text otherwise each time`;
  const prefix = model.continuing_subword_prefix ?? "";
  const bare = model.merges?.find(([, right]) => !right?.startsWith(prefix));
  if (bare !== undefined)
    return `its merge of ${JSON.stringify(bare)} continues a word without the continuing_subword_prefix "${prefix}"`;
  const { vocab } = model;
  const made = ([left = "", right = ""]: readonly string[]): string =>
    left + right.slice(prefix.length);
  const unknown = Array.isArray(vocab)
    ? undefined
    : model.merges?.find((merge) => !Object.hasOwn(vocab, made(merge)));
  return unknown === undefined
    ? null
    : `its merge of ${JSON.stringify(unknown)} makes ${JSON.stringify(made(unknown))}, which is no token of its vocabulary`;
}

function written(
  fields: DefinitionFields,
  tokens: readonly FoundToken[],
  secret: SecretSpelling,
): string {
  const { model } = fields;
  const { spell } = secret;
  const isHidden = (token: string): boolean => spell(token) !== token;
  const skip = model.continuing_subword_prefix?.length ?? 0;
  const vocab = Array.isArray(model.vocab)
    ? model.vocab.map(([text, score]: [string, unknown]) => [
        spell(text),
        score,
      ])
    : Object.fromEntries(
        Object.entries(model.vocab).map(
          ([text, id]) => [spell(text), id] as const,
        ),
      );
  return JSON.stringify({
    ...fields,
    // As `transformers` does: how long a text may be is the caller's business.
    truncation: null,
    padding: null,
    added_tokens: tokens.map((token) => ({
      ...token,
      id: 0,
      content: spell(token.content),
    })),
    model: {
      ...model,
      vocab,
      ...(model.unk_token ? { unk_token: spell(model.unk_token) } : {}),
      // No merge may make a special token out of a text's letters.
      ...(model.merges
        ? {
            merges: model.merges.filter(
              ([left = "", right = ""]) =>
                !isHidden(left) &&
                !isHidden(right) &&
                !isHidden(left + right.slice(skip)),
            ),
          }
        : {}),
    },
  } satisfies ComponentFields);
}
