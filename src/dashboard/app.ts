/**
 * @file The routes of the dashboard, behind its doors.
 *
 * Owner of nothing: the runs, the page and the token are given.
 */
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { AutodidactError, messageLine } from "../foundation/error.js";
import { DashboardFailure, notFound } from "./api/failure.js";
import {
  headers,
  requireLoopback,
  requireOwnPage,
  tokenDoors,
} from "./doors.js";
import { followOverEvents } from "./live-route.js";
import { pageFiles } from "./page-files.js";
import { reviewRoutes } from "./review-routes.js";
import { rowRoutes, type RowRouteParts } from "./row-routes.js";
import { compareRuns } from "./run-comparison.js";

/** Most bytes of a request's body. */
const MOST_BYTES = 64 * 1024;

export interface DashboardParts extends RowRouteParts {
  /** Folder of the built page. */
  readonly page: string;
  readonly token: string;
  /** Refuse who calls this server by a name that is not this machine's own. */
  readonly loopbackOnly: boolean;
}

export function createDashboardApp(parts: DashboardParts): Hono {
  const doors = tokenDoors(parts.token);
  const app = new Hono();
  app.onError((thrown, context) => {
    const failure = failureOf(thrown);
    context.header("cache-control", "no-store");
    return isApi(context.req.path)
      ? context.json(failure, failure.status)
      : context.text(failure.toJSON().error, failure.status);
  });
  app.use(headers);
  if (parts.loopbackOnly) app.use(requireLoopback);
  app.use((context, next) => {
    context.header("cache-control", "no-store");
    return next();
  });
  app.use("/api/*", requireOwnPage, doors.require, smallBody);
  app.route("/api", runRoutes(parts));
  app.route("/api", rowRoutes(parts));
  app.route("/api", reviewRoutes(parts.library));
  app.all("/api/*", ({ req }) => {
    throw notFound("address", `${req.method} ${req.path}`);
  });
  app.use(doors.exchange, doors.require);
  app.get("*", pageFiles(parts.page));
  return app;
}

const isApi = (path: string): boolean => /^\/api(\/|$)/.test(path);

function runRoutes({ library, signal }: DashboardParts): Hono {
  const app = new Hono();
  app.get("/runs", async (context) => context.json(await library.list()));
  app.get("/runs/:run", async (context) =>
    context.json(await library.detail(context.req.param("run"))),
  );
  app.get("/runs/:run/live", (context) =>
    followOverEvents(context, library, {
      id: context.req.param("run"),
      ending: signal,
    }),
  );
  app.get("/comparison", async (context) =>
    context.json(await compareRuns(library, context.req.queries("run") ?? [])),
  );
  return app;
}

const smallBody = bodyLimit({
  maxSize: MOST_BYTES,
  onError: () => {
    throw new DashboardFailure(
      "TOO_LARGE",
      `The request is larger than ${MOST_BYTES} bytes, which nothing here needs. Send less.`,
    );
  },
});

/** Whatever was thrown; what nobody foresaw is a fault of ours, with its own words. */
function failureOf(thrown: unknown): DashboardFailure {
  if (thrown instanceof DashboardFailure) return thrown;
  const code = thrown instanceof AutodidactError ? "LEDGER" : "INTERNAL";
  return new DashboardFailure(code, messageLine(thrown), { cause: thrown });
}
