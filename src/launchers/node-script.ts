/**
 * @file The script that runs an attempt on one node, whatever launcher started it.
 *
 * It makes promises that no scheduler makes. Never two at once: it holds the lease of its
 * rank, and starts nothing while another holder is alive (the step of a dead Slurm daemon
 * runs on beside its requeued self). Nothing left behind: when the job ends, or this
 * script is killed, every process of the job is ended. Log and exit code lie in the job's
 * folder. What is cancelled, done or overtaken by a newer attempt does not start.
 * POSIX sh, because a node need not have anything else.
 */
import { AutodidactError } from "../foundation/error.js";
import { attemptFolder } from "./attempt-folder.js";
import { JOB_VARIABLES, NODE_WORDS, type Attempt } from "./job.js";
import { PROCESS_FUNCTIONS } from "./process-functions.js";

/** A holder on another machine that gave no sign for so long is dead. */
const LEASE_SECONDS = 60;

const WORD_VALUES: Readonly<Record<string, string>> = {
  [NODE_WORDS.rank]: "$rank",
  [NODE_WORDS.count]: "$nodes",
  [NODE_WORDS.masterAddress]: "$master",
  [NODE_WORDS.masterPort]: "$port",
};
const ANY_WORD = new RegExp(`(${Object.keys(WORD_VALUES).join("|")})`);

/**
 * @param port where the nodes meet
 * @param limitSeconds when this script ends the job itself; 0 where the scheduler does
 * @returns the text for `sh FILE RANK`; as a step of Slurm it knows its rank
 * @throws USAGE for words that no process can be given
 */
export function nodeScript(
  attempt: Attempt,
  port: number,
  limitSeconds: number,
): string {
  const { job, number } = attempt;
  const exports = Object.entries({
    ...job.env,
    [JOB_VARIABLES.id]: job.id,
    [JOB_VARIABLES.attempt]: String(number),
  }).map(([name, value]) => `  export ${variableName(name)}=${quoted(value)}`);
  return [
    "#!/bin/sh",
    `# Attempt ${number} at the job ${job.name}, on one node. Made by Autodidact.`,
    `job=${quoted(job.id)} attempt=${number} nodes=${job.nodes} port=${port}`,
    `folder=${quoted(job.folder)} here=${quoted(attemptFolder(attempt))}`,
    `finished=${quoted(job.done ?? "")} patience=${LEASE_SECONDS}`,
    `limit=${Math.ceil(limitSeconds)} grace=${Math.ceil(job.graceSeconds)}`,
    "run_job() {",
    `  cd ${quoted(job.cwd)} || exit 72`,
    ...exports,
    `  AUTODIDACT_LEASE=$me exec ${job.argv.map(quoted).join(" ")}`,
    "}",
    PROCESS_FUNCTIONS,
    BODY,
  ].join("\n");
}

/** One word for sh, with the node's words left to be filled there. */
export function quoted(text: string): string {
  if (text.includes("\0"))
    throw new AutodidactError(
      "USAGE",
      "An argument or variable of a job holds the character U+0000, which no process can be given.",
    );
  return text
    .split(ANY_WORD)
    .map((part) =>
      part in WORD_VALUES
        ? `"${WORD_VALUES[part] ?? ""}"`
        : `'${part.replaceAll("'", `'\\''`)}'`,
    )
    .join("");
}

function variableName(name: string): string {
  if (/^[A-Za-z_]\w*$/.test(name)) return name;
  throw new AutodidactError(
    "USAGE",
    `"${name}" cannot be the name of an environment variable: letters, digits and _ are expected.`,
  );
}

/** Everything that is the same for all jobs. */
const BODY = String.raw`
if [ $# -gt 0 ]; then rank=$1 again=0; else rank=$SLURM_NODEID again=${"${SLURM_RESTART_COUNT:-0}"}; fi
exec >>"$here/log-$rank" 2>&1 </dev/null || exit 73
say() { echo "autodidact: $*"; }
# A signal goes to the whole group: the job hears it as well, this script outlives it.
asked=
trap 'asked=1' TERM INT HUP USR1 USR2

me=$(token_of $$)
lease="$folder/lease-$rank" beat="$folder/beat-$rank"
put() { echo "$2" >"$here/$1.$$" && mv -f "$here/$1.$$" "$here/$1"; } # NAME TEXT
useless() {
  [ ! -e "$here/cancelled" ] || { say "cancelled"; return 0; }
  [ ! -d "$folder/attempt-$((attempt + 1))" ] || { say "a newer attempt has been made"; return 0; }
  [ -n "$finished" ] && grep -qsF "\"$job\"" "$finished" && say "the job is done"
}
mine() { [ "$(cat "$lease" 2>/dev/null)" = "$me" ]; }
leave() { ! mine || rm -f "$lease"; put "exit-$rank" "$1"; exit "$1"; } # CODE

put "script-$rank" "$me" || exit 73
# The lease. A holder is dead when its process is (on this machine), or when it has not
# beaten (on another).
last= still=0 told= broke=
until (set -C; echo "$me" >"$lease") 2>/dev/null; do
  ! useless || leave 0
  [ -z "$asked" ] || leave 143
  holder=$(cat "$lease" 2>/dev/null)
  signs="$holder $(cat "$beat" 2>/dev/null)"
  if [ "$signs" = "$last" ]; then still=$((still + 1)); else last=$signs still=0; fi
  parse "$holder"
  if if [ "$its_host" = "$host" ]; then ! alive "$holder"; else [ $still -ge $patience ]; fi; then
    say "takes over from $holder which is gone"
    clear_run "$holder" $$
    mv "$lease" "$here/old-$rank.$$" && broke=1
    # Another script may have taken it over first.
    [ "$(cat "$here/old-$rank.$$")" = "$holder" ] || mv "$here/old-$rank.$$" "$lease"
    rm -f "$here/old-$rank.$$"
  else
    [ -n "$told" ] || say "waits for $holder which may be alive"
    told=1
    sleep 1
  fi
done
[ -z "$broke" ] || { sleep 2; mine || exit 75; }
# Another script of this very attempt has run it already.
if [ -e "$here/exit-$rank" ] && [ "$again" = 0 ]; then rm -f "$lease"; exit "$(cat "$here/exit-$rank")"; fi
! useless || leave 0
rm -f "$here/exit-$rank" "$here/running-$rank"

# Beats while this script lives; ends the job when it does not, or has lost its lease.
guard() {
  trap '' TERM INT HUP USR1 USR2
  self=$(exec sh -c 'echo $PPID') ticks=0
  while alive "$me"; do
    [ $((ticks % 20)) -ne 5 ] || note_shared "$me"
    if [ $((ticks % 5)) -eq 0 ]; then
      echo "$ticks" >"$beat"
      mine || { say "has lost its lease"; clear_run "$me" "$self"; exit; }
    fi
    if [ "$limit" -gt 0 ]; then
      [ $ticks -ne $((limit - grace)) ] || { say "the time is nearly over"; kill -ALRM $$; }
      [ $ticks -lt "$limit" ] || { say "the time is over"; clear_run "$me" "$self"; }
    fi
    ticks=$((ticks + 1)); sleep 1
  done
  clear_run "$me" "$self"
}
guard &
guard=$!
stop() { kill -KILL $guard 2>/dev/null; leave "$1"; } # CODE

master=127.0.0.1
if [ "$nodes" -gt 1 ]; then
  [ "$rank" != 0 ] || put "address-$again" "${"${AUTODIDACT_NODE_ADDRESS:-$host}"}"
  until [ -s "$here/address-$again" ]; do
    ! useless || stop 0
    [ -z "$asked" ] || stop 143
    sleep 1
  done
  master=$(cat "$here/address-$again")
fi
[ -z "$asked" ] || stop 143
put "running-$rank" "$me"
run_job &
child=$!
trap 'kill -TERM $child' ALRM
while :; do
  wait $child
  code=$?
  [ $code -gt 128 ] || break
  # A wait that a signal cut short is taken up again.
  ! kill -0 $child 2>/dev/null || continue
  # The job may have ended right after the signal; 127 means that code was its own.
  wait $child 2>/dev/null
  ended=$?
  [ $ended -eq 127 ] || code=$ended
  break
done
kill -KILL $guard
wait $guard 2>/dev/null
clear_run "$me"
mine || exit 75
leave $code
`;
