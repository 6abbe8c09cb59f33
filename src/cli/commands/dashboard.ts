/**
 * @file `autodidact dashboard`: a local page over run folders, until it is stopped.
 */
import { openDashboard } from "../../dashboard/listen.js";
import { isLoopbackAddress } from "../../http/loopback.js";
import { defineCommand } from "../command.js";
import { aborted } from "../interrupt.js";
import { integerOption, textOption } from "../options.js";

/** How long answers under way may take after Ctrl-C; live ones never end by themselves. */
const PATIENCE_MS = 0;
/** Where runs lie when nothing else is said. */
const RUNS = "runs";

export const dashboardCommand = defineCommand({
  name: "dashboard",
  summary:
    "Open a local page that watches, searches, compares and reviews runs",
  description:
    "Serves a page over run folders, also while they run: stages, curves and rows as they come, every table, what each row was made from and what came of it, runs side by side, and a place to give verdicts on pairs and rows. Prints one line with the address, which holds a token that nobody else knows, and goes on until Ctrl-C. docs/dashboard.md describes page and API.",
  arguments: {
    run: {
      placeholder: "RUN",
      description: `Folder of a run, of a comparison, or of several of them; ${RUNS} when absent`,
      many: true,
    },
  },
  options: {
    host: textOption(
      "ADDRESS",
      "Address to listen on; any but a loopback one lets other machines in that have the token, over a connection that is not encrypted",
      { default: "127.0.0.1" },
    ),
    port: integerOption("N", "Port to listen on; 0 for any that is free", {
      min: 0,
      max: 65_535,
      default: 4600,
    }),
  },
  examples: {
    "autodidact dashboard": "Opens all runs in the folder runs",
    "autodidact dashboard runs/nursery-seed-1 --port 0":
      "Opens one run on a port that is free",
  },
  afterInterrupt: "Run the same command to open it again.",
  run: async ({ run, host, port }, io) => {
    const folders = run.length === 0 ? [RUNS] : run;
    const { url, token, close } = await openDashboard({ folders, host, port });
    try {
      if (!isLoopbackAddress(host))
        io.remark(
          `Everybody who reaches ${host} and has the token can read these runs and give verdicts, and whoever listens on the way can read the token: use it in a network you trust, or tunnel to a loopback address.`,
        );
      io.print(url);
      io.printJson({ url, token });
      await aborted(io.signal);
    } finally {
      await close(PATIENCE_MS);
    }
    io.signal.throwIfAborted();
  },
});
