#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Ctrl-C and SIGTERM end the program within a second with status 5, and leave no partial file.
. "$(dirname -- "$0")/common.sh"

cat >stop.py <<'END'
import os, signal, subprocess, sys, time
name, delay, command = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
environment = dict(os.environ)
if preload := environment.get("PRELOAD"):  # not for Python itself
    environment |= {"LD_PRELOAD": preload, "ASAN_OPTIONS": "verify_asan_link_order=0"}
process = subprocess.Popen(command, stdin=subprocess.DEVNULL, env=environment)
def handles_signals():
    with open(f"/proc/{process.pid}/status") as file:
        caught = next(int(line.split()[1], 16) for line in file if line.startswith("SigCgt"))
    return caught >> (signal.SIGTERM - 1) & 1
# Before it has begun, a process ends as the system ends it
deadline = time.monotonic() + 10
while process.poll() is None and not handles_signals() and time.monotonic() < deadline:
    time.sleep(0.01)
time.sleep(delay)
if process.poll() is not None:
    sys.exit(f"it ended before the signal, with status {process.returncode}")
began = time.monotonic()
process.send_signal(getattr(signal, name))
status = process.wait(timeout=20)
seconds = time.monotonic() - began
print(f"{name} after {delay} s: status {status} after {seconds:.2f} s")
sys.exit(status != 5 or seconds > 1)
END
large=(large.png --depth large.pfm --quiet)
stop() {
    local signal=$1 delay=$2
    shift 2
    python3 stop.py "$signal" "$delay" "$program" "$@" >&2 || fail "unflat $*"
    no_partial_file
}

# At work on a video that would take hours: the folder it made goes again
stop SIGINT 1.5 make "${large[@]}" --formats mp4 --frames 100000 --fill diffusion -o out
[[ ! -e out ]] || fail "a folder is left: $(ls -A out)"
stop SIGTERM 1.5 video "${large[@]}" --path swing --frames 100000 --fill diffusion -o swing.mp4
[[ ! -e swing.mp4 ]] || fail 'a video is left'
# The same where a library has threads of its own, which a signal may reach first
if [[ -n ${EARLY_THREAD-} ]]; then
    PRELOAD=$EARLY_THREAD stop SIGTERM 1.5 make "${large[@]}" --formats mp4 --frames 100000 --fill diffusion -o out
    [[ ! -e out ]] || fail "a folder is left: $(ls -A out)"
fi
# Early, with whatever stage is running then
for delay in 0.05 0.1 0.2 0.4; do
    stop SIGINT "$delay" make "${large[@]}" --formats mp4 --frames 100000 --long-side 0 -o early
    [[ ! -e early ]] || fail "a folder is left: $(ls -A early)"
done
