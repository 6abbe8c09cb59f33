/**
 * @file Processes told apart and ended, in POSIX sh: the script on a node and this
 * program use the same functions.
 *
 * A number alone is no process: it is used again. A script is known by its token,
 * `HOST:BOOT:PID:START:`, and what it started by bearing that token in the environment
 * or by being of the group it leads. Both are needed: the workers of torchrun have groups
 * of their own, and a program that renames itself overwrites its environment. Systems
 * without /proc know the group only.
 *
 * Shared memory that Python made (psm_*, sem.mp-* in /dev/shm) outlives processes that are
 * killed, and its name says nothing of them: it is noted in the job's folder, $folder, while
 * they have it mapped, and removed when they are gone and nobody else has. What was made
 * and let go of between two notes only Python's own resource trackers know, so these are
 * given the time to remove it.
 */
export const PROCESS_FUNCTIONS = String.raw`
# Prints when a living process started; nothing for a dead one or a zombie.
started() { # PID
  if [ -r /proc/self/stat ]; then
    sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 !~ /[ZX]/ { print $20 }'
  else
    ps -o stat= -o lstart= -p "$1" 2>/dev/null |
      awk '$1 !~ /^Z/ { print $4 "-" $3 "-" $6 "-" $5 }' | tr : .
  fi
}
host=$(uname -n)
boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null || echo 0)
token_of() { echo "$host:$boot:$1:$(started "$1"):"; } # PID
parse() { # TOKEN
  IFS=: read -r its_host its_boot its_pid its_start its_rest <<TOKEN
$1
TOKEN
}
# For tokens of this machine.
alive() { # TOKEN
  parse "$1"
  [ "$its_boot" = "$boot" ] && [ -n "$its_start" ] && [ "$(started "$its_pid")" = "$its_start" ]
}
# Prints the living processes that a script started, without the script.
members() { # TOKEN
  parse "$1"
  [ "$its_host" = "$host" ] && [ "$its_boot" = "$boot" ] || return 0
  # A number that another process has now leads no group of the script's.
  leader=$its_pid now=$(started "$its_pid")
  [ -z "$now" ] || [ "$now" = "$its_start" ] || leader=none
  {
    grep -lsF "AUTODIDACT_LEASE=$1" /proc/[0-9]*/environ | cut -d/ -f3
    if [ -r /proc/self/stat ]; then cat /proc/[0-9]*/stat 2>/dev/null | sed 's/ .*) / /'
    else ps -axo pid=,stat=,ppid=,pgid=; fi |
      awk -v leader="$leader" '$4 == leader && $1 != leader && $2 !~ /[ZX]/ { print $1 }'
  } | sort -u
}
note_shared() { # TOKEN
  used=$(for pid in $(members "$1"); do
    sed -nE 's#.* (/dev/shm/(psm_|sem\.mp-)[^ /]*)$#\1#p' "/proc/$pid/maps" 2>/dev/null
  done)
  [ -n "$used" ] || return 0
  parse "$1"
  list="$folder/shared-$host-$its_pid"
  known=$(cat "$list" 2>/dev/null)
  printf '%s\n' "$known" "$used" | sort -u >"$list.new" && mv -f "$list.new" "$list"
}
clear_shared() {
  for list in "$folder/shared-$host-"*; do
    [ -e "$list" ] || continue
    while read -r file; do
      # Nothing but these names, whatever the list has become.
      name=$(basename -- "$file")
      [ "$file" = "/dev/shm/$name" ] || continue
      case "$name" in psm_* | sem.mp-*)
        grep -qsF "$file" /proc/[0-9]*/maps || rm -f "$file" ;;
      esac
    done <"$list"
    rm -f "$list"
  done
}
# Python's resource trackers remove what others made and nobody has mapped just now; they
# do so when all who could have made something are gone, and end.
may_tidy() { # PID TRY
  [ "$2" -lt 20 ] && grep -qsF multiprocessing.resource_tracker "/proc/$1/cmdline"
}
# Kills what a script started, until nothing of it is left.
clear_run() { # TOKEN SPARED...
  token=$1 tries=0; shift
  note_shared "$token"
  while [ $tries -lt 50 ]; do
    left=
    for pid in $(members "$token"); do
      case " $* " in *" $pid "*) continue ;; esac
      if may_tidy "$pid" $tries; then left=1; else kill -KILL "$pid" 2>/dev/null && left=1; fi
    done
    [ -n "$left" ] || { clear_shared; return 0; }
    tries=$((tries + 1)); sleep 0.1
  done
  return 1
}
# Asks a script and its group to end, and ends them when they have not.
end_run() { # TOKEN GRACE-SECONDS
  waited=0
  if alive "$1"; then
    kill -TERM "-$its_pid" 2>/dev/null
    while [ $waited -lt $(($2 * 5)) ] && alive "$1"; do waited=$((waited + 1)); sleep 0.2; done
    ! alive "$1" || kill -KILL "$its_pid"
  fi
  clear_run "$1"
}
`;
