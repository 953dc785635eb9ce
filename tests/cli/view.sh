#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# view: what is served and what is refused, and how it ends. Asked by Python, so no browser is needed.
. "$(dirname -- "$0")/common.sh"
unset DISPLAY WAYLAND_DISPLAY

"$program" make photo.png --depth depth.pfm --formats glb,html -o made --quiet >/dev/null

# start ARGS...: begins to view, and sets `address`
start() {
    : >stdout
    "$program" view "$@" >stdout 2>stderr </dev/null &
    viewer=$!
    for _ in {1..100}; do
        [[ -s stdout ]] && break
        kill -0 "$viewer" 2>/dev/null || fail "it has ended: unflat view $*"
        sleep 0.1
    done
    address=$(<stdout)
    trap 'kill -KILL "$viewer" 2>/dev/null || true; rm -rf -- "$work"' EXIT
}
# ends SIGNAL: it ends well by it
ends() {
    kill "-$1" "$viewer"
    local got=0
    wait "$viewer" || got=$?
    [[ $got == 0 ]] || fail "status $got after $1"
}
# answers STATUS PATH [METHOD [HOST]]
answers() {
    local got
    got=$(python3 - "$address" "$@" <<'P'
import http.client, sys, urllib.parse
address, _, path, *rest = sys.argv[1:]
method, host = rest + ["GET", None][len(rest):]
netloc = urllib.parse.urlsplit(address).netloc
connection = http.client.HTTPConnection(netloc, timeout=10)
connection.request(method, path, headers={"Host": host or netloc})
answer = connection.getresponse()
open("body", "wb").write(answer.read())
print(answer.status)
P
    )
    [[ $got == "$1" ]] || fail "$got instead of $1: ${*:2}"
}

start made/photo.html --no-open
[[ $address =~ ^http://127\.0\.0\.1:[0-9]+/$ ]] || fail "the address is $address"
answers 200 /
cmp body made/photo.html || fail 'another page than the file'
answers 200 '/?again'
answers 200 / HEAD
answers 404 /etc/passwd
answers 404 /../photo.glb
answers 405 / POST
answers 403 / GET example.com
answers 403 / GET "127.0.0.1"
port=${address##*:}
port=${port%/}
answers 200 / GET "localhost:$port"
# Who says nothing holds up nobody, and who talks nonsense is refused
python3 - "$address" <<'P' || fail 'it does not stand bad clients'
import socket, sys, urllib.parse
place = urllib.parse.urlsplit(sys.argv[1])
connect = lambda: socket.create_connection((place.hostname, place.port), timeout=10)
silent = [connect() for _ in range(20)]
for text, status in ((b"hello\r\n\r\n", b"400"), (b"GET / HTTP/1.1\r\n\r\n", b"400"), (b"G" * 20000, b"431"),
                     (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"400")):
    with connect() as client:
        client.sendall(text)
        assert client.recv(100).split()[1] == status, text[:40]
P
answers 200 /
# Other machines cannot reach it
grep -qi "0100007F:$(printf '%04X' "$port")" /proc/net/tcp || fail 'it does not listen on the loopback alone'
ends INT

start made/photo.glb --json --no-open
json 'list(o) == ["address"]'
address=$(python3 -c 'import json; print(json.load(open("stdout"))["address"])')
answers 200 /
grep -q '<title>photo</title>' body || fail 'the page has no title'
ends TERM

start photo.png --depth depth.pfm
answers 200 /  # by then all is said
grep -q 'no desktop' stderr || fail 'it does not say that no browser opens'
cmp body made/photo.html || fail 'another page than make writes'
ends INT

# A page that was open and is closed ends it, if that is asked for
start made/photo.glb --until-closed --quiet
python3 - "$address" <<'P' || fail 'no page can be held open'
import sys, time, urllib.request
with urllib.request.urlopen(sys.argv[1] + "alive", timeout=10):
    time.sleep(1)
P
for _ in {1..150}; do
    kill -0 "$viewer" 2>/dev/null || break
    sleep 0.1
done
kill -0 "$viewer" 2>/dev/null && fail 'it goes on after the page was closed'
wait "$viewer" || fail 'it ends badly after the page was closed'

expect 2 'missing.glb' view missing.glb --no-open
mkdir none
expect 2 'depth' view photo.png --no-open --models none
printf 'glTF' >short.glb
expect 2 'short.glb' view short.glb --no-open
expect 1 '' view
