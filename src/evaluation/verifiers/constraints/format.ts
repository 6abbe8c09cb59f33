/**
 * @file `detectable_format:…`: bullets, highlights, sections, titles, JSON.
 */
import { translated } from "../../../text/python/pattern.js";
import { SPACE, strip } from "../../../text/python/strings.js";
import { constraint, countField, patternField } from "./constraint.js";

const STAR_BULLET = new RegExp(`(?<![^\\n])[${SPACE}]*\\*[^*][^\\n]*`, "gu");
const DASH_BULLET = new RegExp(`(?<![^\\n])[${SPACE}]*-[^\\n]*`, "gu");
const ONE_STAR = /\*[^\n*]*\*/gu;
const TWO_STARS = /\*\*[^\n*]*\*\*/gu;
const TITLE = /<<[^\n]+>>/gu;
const OPTIONS = [
  "My answer is yes.",
  "My answer is no.",
  "My answer is maybe.",
];
const FENCES = ["```json", "```Json", "```JSON", "```"];

const all = (response: string, pattern: RegExp): readonly string[] =>
  response.match(pattern) ?? [];

export const format = {
  "detectable_format:number_bullet_lists": constraint(
    { num_bullets: countField },
    (response, { num_bullets }) =>
      all(response, STAR_BULLET).length + all(response, DASH_BULLET).length ===
      num_bullets,
  ),
  "detectable_format:constrained_response": constraint({}, (response) =>
    OPTIONS.some((option) => response.includes(option)),
  ),
  "detectable_format:number_highlighted_sections": constraint(
    { num_highlights: countField },
    (response, { num_highlights }) =>
      [
        ...all(response, ONE_STAR).map((text) => strip(text, "*")),
        ...all(response, TWO_STARS).map((text) => text.slice(2, -2)),
      ].filter((text) => strip(text) !== "").length >= num_highlights,
  ),
  "detectable_format:multiple_sections": constraint(
    {
      section_spliter: patternField((text) => {
        const mark = translated(strip(text));
        const section = `[${SPACE}]?${mark}[${SPACE}]?\\p{Nd}+[${SPACE}]?`;
        return new RegExp(section, "gu");
      }),
      num_sections: countField,
    },
    (response, { section_spliter, num_sections }) => {
      // Python's split gives what groups matched as well.
      const parts = response.split(section_spliter);
      return parts.length - 1 >= num_sections;
    },
  ),
  "detectable_format:json_format": constraint({}, isJson),
  "detectable_format:title": constraint({}, (response) =>
    all(response, TITLE).some(
      (text) => strip(strip(strip(text, "<", "left"), ">", "right")) !== "",
    ),
  ),
};

/** What Python's `json.loads` takes, inside a fence or without: NaN and Infinity too. */
function isJson(response: string): boolean {
  const opened = FENCES.reduce(
    (text, fence) => (text.startsWith(fence) ? text.slice(fence.length) : text),
    strip(response),
  );
  const inner = opened.endsWith("```") ? opened.slice(0, -3) : opened;
  try {
    JSON.parse(
      strip(inner).replace(/"(?:[^"\\]|\\[^])*"|-?Infinity|NaN/gu, (token) =>
        token.startsWith('"') ? token : " 0 ",
      ),
    );
    return true;
  } catch {
    return false;
  }
}
