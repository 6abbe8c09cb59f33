/**
 * @file The built page: its files by their addresses, and nothing else of the disk.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Context, Handler } from "hono";
import { PACKAGE_FOLDER } from "../pipelines/run/environment.js";
import { notFound } from "./api/failure.js";

/** Where the package has it. */
export const PAGE_FOLDER = join(PACKAGE_FOLDER, "dist", "dashboard-page");

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
  woff2: "font/woff2",
};

/** One name, in the folder or in `assets`; no dot begins it, so none leads up. */
const FILE = /^\/(?:assets\/)?[\w-][\w.-]*\.([a-z0-9]+)$/;

const NO_PAGE =
  "The dashboard's page is not built. Install the package from the registry, or run npm run build in its folder.";

/** The page at the root, which reads from the rest of the address what it shows. */
export function pageFiles(folder: string): Handler {
  return async (context) => {
    const { path } = context.req;
    if (path === "/") return index(context, folder);
    const ending = FILE.exec(path)?.[1] ?? "";
    const type = TYPES[ending];
    const content =
      type === undefined ? null : await contentOf(join(folder, path));
    if (content === null) throw notFound("page", path);
    context.header("content-type", type);
    // Built files are named after what is in them.
    if (path.startsWith("/assets/"))
      context.header("cache-control", "public, max-age=31536000, immutable");
    return context.body(content);
  };
}

async function index(context: Context, folder: string): Promise<Response> {
  const page = await contentOf(join(folder, "index.html"));
  if (page === null) return context.text(NO_PAGE, 503);
  context.header("content-type", TYPES["html"]);
  return context.body(page);
}

async function contentOf(
  path: string,
): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return new Uint8Array(await readFile(path));
  } catch {
    return null;
  }
}
