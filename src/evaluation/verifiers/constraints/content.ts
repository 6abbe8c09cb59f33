/**
 * @file `detectable_content:…`: placeholders and a postscript.
 */
import { translated } from "../../../text/python/pattern.js";
import { SPACE, strip } from "../../../text/python/strings.js";
import { constraint, countField, patternField } from "./constraint.js";

const PLACEHOLDER = /\[[^\n]*?\]/gu;

/** The two markers of IFEval, with spaces between their letters. */
const POSTSCRIPTS: ReadonlyMap<string, string> = new Map([
  ["P.P.S", `p\\.[${SPACE}]?p\\.[${SPACE}]?s`],
  ["P.S.", `p\\.[${SPACE}]?s\\.`],
]);

export const content = {
  "detectable_content:number_placeholders": constraint(
    { num_placeholders: countField },
    (response, { num_placeholders }) =>
      (response.match(PLACEHOLDER)?.length ?? 0) >= num_placeholders,
  ),
  "detectable_content:postscript": constraint(
    {
      postscript_marker: patternField((text) => {
        const marker = strip(text);
        const source =
          POSTSCRIPTS.get(marker) ?? translated(marker.toLowerCase());
        return new RegExp(source, "u");
      }),
    },
    (response, { postscript_marker }) =>
      postscript_marker.test(response.toLowerCase()),
  ),
};
