/**
 * @file A model that is no part of the run, as a recipe names it: where it is served,
 * what it costs and what may be spent on it.
 */
import { z } from "zod";
import { endpointKeys } from "../endpoints/transport/endpoint-settings.js";
import { notNegative, positive, positiveInt } from "./numbers.js";

const DOLLARS = "Dollars for a million tokens";

export const outsideModel = z.strictObject({
  baseUrl: z
    .string()
    .min(1)
    .describe(
      "Its OpenAI-compatible address, such as http://127.0.0.1:8000/v1.",
    ),
  model: z.string().min(1).describe("Its name there."),
  apiKeyVariable: z
    .string()
    .min(1)
    .exactOptional()
    .describe(
      "Environment variable that holds its key; the dialect's usual one when absent.",
    ),
  price: z
    .strictObject({
      input: notNegative.describe(`${DOLLARS} of prompts.`),
      output: notNegative.describe(`${DOLLARS} of answers.`),
    })
    .exactOptional()
    .describe("What it costs; from prices.yaml when absent."),
  maxCost: positive
    .exactOptional()
    .describe("Most dollars that the run spends on it."),
  maxTotalTokens: positiveInt
    .exactOptional()
    .describe("Most tokens of prompts and answers together."),
  maxRequests: positiveInt
    .exactOptional()
    .describe("Most requests, repeated ones included."),
  ...endpointKeys.shape,
});

export type OutsideModel = z.infer<typeof outsideModel>;

/** What decides its answers: a run goes on with another limit, price or key. */
export function recordedOutsideModel({
  apiKeyVariable: _variable,
  price: _price,
  maxCost: _cost,
  maxTotalTokens: _tokens,
  maxRequests: _requests,
  ...rest
}: OutsideModel): OutsideModel {
  return rest;
}
