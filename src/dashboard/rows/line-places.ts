/**
 * @file Where the lines of a file begin, found in one reading that holds one line at a time.
 */
import { createReadStream } from "node:fs";

const LINE_FEED = 10;

/**
 * @param look given each line that is not empty
 * @returns offsets in bytes of those lines, and of their end
 */
export async function openLines(
  path: string,
  look: (line: string) => void,
): Promise<readonly number[]> {
  const places: number[] = [];
  let pending: Buffer[] = [];
  let start = 0;
  let offset = 0;
  const end = (): void => {
    const line = Buffer.concat(pending).toString();
    pending = [];
    if (line.trim() === "") return;
    places.push(start);
    look(line);
  };
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let from = 0;
    for (;;) {
      const at = chunk.indexOf(LINE_FEED, from);
      if (at < 0) break;
      pending.push(chunk.subarray(from, at));
      end();
      from = at + 1;
      start = offset + from;
    }
    pending.push(chunk.subarray(from));
    offset += chunk.length;
  }
  end();
  return [...places, offset];
}
