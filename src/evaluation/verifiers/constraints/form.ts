/**
 * @file `combination:…`, `startend:…` and `punctuation:…`: how a response as a whole
 * begins, ends and is put together.
 */
import { strip } from "../../../text/python/strings.js";
import { constraint, phraseField } from "./constraint.js";

const SIX_STARS = "******";

export const form = {
  "combination:two_responses": constraint({}, (response) => {
    const parts = response.split(SIX_STARS).map((part) => strip(part));
    const given = parts.filter((part) => part !== "");
    const blankInside = parts.slice(1, -1).includes("");
    return !blankInside && given.length === 2 && given[0] !== given[1];
  }),
  "combination:repeat_prompt": constraint(
    { prompt_to_repeat: phraseField },
    (response, { prompt_to_repeat }) =>
      strip(response)
        .toLowerCase()
        .startsWith(strip(prompt_to_repeat).toLowerCase()),
  ),
  "startend:end_checker": constraint(
    { end_phrase: phraseField },
    (response, { end_phrase }) =>
      strip(strip(response), '"')
        .toLowerCase()
        .endsWith(strip(end_phrase).toLowerCase()),
  ),
  "startend:quotation": constraint({}, (response) => {
    const text = strip(response);
    return text.length > 1 && text.startsWith('"') && text.endsWith('"');
  }),
  "punctuation:no_comma": constraint({}, (response) => !response.includes(",")),
};
