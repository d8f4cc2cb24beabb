#!/bin/sh
# Tries the Dockerfile where there is no Docker: builds it with buildah on a Debian that debootstrap makes, and starts what was
# built as compose.yaml does: as its own user, without capabilities, on a read-only file system, in a network of its own.
#
#   sudo apt-get install debootstrap buildah
#   sudo sh docker/try-steps.sh [FOLDER]       # a folder that is kept (a second run is quicker); a temporary one without it
#
# Differs from `docker build`: the base is Debian's own Python 3.11 (the Dockerfile's argument BASE) in place of the official image.
# MIRROR=URL says where Debian comes from; pip trusts the certificates of this machine.
set -eu
cd "$(dirname "$0")/.."
mirror=${MIRROR:-http://deb.debian.org/debian}
image=localhost/stripe-emulator

fail() {
    echo "try-steps: $1" >&2
    exit 1
}

# ------------------------------------------------------------------------------------------------ inside: one start
# Called by this script in namespaces of its own: "$0 --start ROOT".
if [ "${1:-}" = --start ]; then
    root=$2
    mount --bind "$root" "$root"
    mount -t proc proc "$root/proc"
    mount -t tmpfs -o mode=755 tmpfs "$root/dev"
    for device in null zero random urandom; do
        : >"$root/dev/$device"
        mount --bind "/dev/$device" "$root/dev/$device"
    done
    mount -o remount,bind,ro "$root"
    mount -o remount,ro "$root/dev"
    # `ip` is not everywhere: Python brings the loopback device up.
    python3 -c 'import fcntl, socket, struct
fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh14x", b"lo", 0x1 | 0x40))'
    as_user() { # as the image's user, with its environment and nothing of this machine's; in the place of a subshell
        exec chroot "$root" /usr/bin/env --default-signal=INT -i HOME=/home/emulator "PATH=$IMAGE_PATH" PYTHONUNBUFFERED=1 /usr/bin/setpriv \
            --reuid "${IMAGE_USER%:*}" --regid "${IMAGE_USER#*:}" --clear-groups --bounding-set=-all --no-new-privs "$@"
    }
    eval "set -- $IMAGE_COMMAND"
    (as_user "$@") >"$IMAGE_LOG" 2>&1 &
    server=$!
    eval "set -- $IMAGE_HEALTH"
    tries=0
    until (as_user "$@") 2>/dev/null; do
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] || { cat "$IMAGE_LOG" >&2; fail "the health check does not pass"; }
        sleep 0.1
    done
    echo "ok   the health check of the image passes"
    (as_user python3 - <"$IMAGE_CHECKS")
    kill -INT "$server"
    (sleep 20 && kill -KILL "$server") 2>/dev/null &
    code=0
    wait "$server" || code=$?
    [ "$code" -eq 0 ] || { cat "$IMAGE_LOG" >&2; fail "the server left with $code at $IMAGE_SIGNAL"; }
    echo "ok   it leaves with exit code 0 at $IMAGE_SIGNAL"
    exit 0
fi

# ------------------------------------------------------------------------------------------------ the build
[ "$(id -u)" -eq 0 ] || fail "needs root, for chroot and mounts"
for program in debootstrap buildah unshare python3; do
    command -v "$program" >/dev/null 2>&1 || fail "there is no $program: apt-get install debootstrap buildah"
done
work=${1:-$(mktemp -d)}
mkdir -p "$work"
work=$(cd "$work" && pwd)
buildah() {
    command buildah --root "$work/storage" --runroot "$work/run" --storage-driver vfs "$@"
}
clean() {
    buildah umount --all >/dev/null 2>&1 || true
    [ -n "${kept:-}" ] || rm -rf "$work"
}
kept=${1:-}
trap clean EXIT

if [ ! -f "$work/base.tar" ]; then
    echo "Making a clean Debian ..."
    debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv bookworm "$work/root" "$mirror" >"$work/debootstrap.log" ||
        { tail -n 5 "$work/debootstrap.log" >&2; fail "debootstrap failed"; }
    tar -C "$work/root" -cf "$work/base.tar.new" .
    mv "$work/base.tar.new" "$work/base.tar"
    rm -rf "$work/root"
fi
if ! buildah inspect --type image localhost/clean-base >/dev/null 2>&1; then
    made=$(buildah from scratch)
    buildah add --quiet "$made" "$work/base.tar" / >/dev/null
    buildah commit --quiet "$made" localhost/clean-base >/dev/null
    buildah rm "$made" >/dev/null
fi

echo "Running the steps of docker/Dockerfile ..."
printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' >"$work/pip.conf"
buildah build --format docker --isolation chroot --network host --pull=never --build-arg BASE=localhost/clean-base \
    --volume /etc/ssl/certs:/etc/ssl/certs:ro --volume "$work/pip.conf:/etc/pip.conf:ro" \
    --ignorefile docker/Dockerfile.dockerignore --file docker/Dockerfile --tag "$image" . >"$work/build.log" 2>&1 ||
    { tail -n 20 "$work/build.log" >&2; fail "the build failed"; }
grep 'STEP' "$work/build.log"

# ------------------------------------------------------------------------------------------------ the start
buildah inspect --type image "$image" >"$work/image.json"
told() { # a member of the image's configuration, as a shell reads it
    python3 -c '
import json, shlex, sys
config = json.load(open(sys.argv[1]))["Docker"]["config"]
environment = dict(line.partition("=")[::2] for line in config["Env"])
print({"user": config["User"], "path": environment["PATH"], "signal": config["StopSignal"],
       "command": shlex.join(config["Entrypoint"] + config["Cmd"]),
       "health": shlex.join(config["Healthcheck"]["Test"][1:])}[sys.argv[2]])' "$work/image.json" "$1"
}
cat >"$work/checks.py" <<'CHECKS'
import errno, json, os, urllib.parse, urllib.request

status = dict(line.split(":\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\t" in line)
assert os.getuid() == 10001 and os.getgid() == 10001 and not os.getgroups(), status
assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0 and status["NoNewPrivs"] == "1", status
print("ok   runs as user 10001 without groups, capabilities or a way to new ones")

for folder in ("/", "/tmp", "/home/emulator", "/opt/stripe-emulator"):
    try:
        open(folder + "/written", "w")
    except OSError as error:
        assert error.errno == errno.EROFS, error
    else:
        raise AssertionError(folder + " can be written to")
print("ok   nothing can be written, not even to /tmp")


def ask(path, data=None):
    path = urllib.parse.urlsplit(path)._replace(scheme="", netloc="").geturl()
    request = urllib.request.Request("http://127.0.0.1:12111" + path, data, {"Authorization": "Bearer sk_test_demo"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.read()


assert json.loads(ask("/v1/customers/cus_demo"))["id"] == "cus_demo"
assert json.loads(ask("/v1/customers", b"name=Ada"))["name"] == "Ada"
print("ok   answers calls of the API, of the world saas")
session = json.loads(ask("/v1/billing_portal/sessions", b"customer=cus_demo"))
assert b"cancel-subscription" in ask(session["url"])
print("ok   shows the customer portal")
invoice = json.loads(ask("/v1/invoices?customer=cus_demo&status=paid&limit=1"))["data"][0]
assert ask(invoice["invoice_pdf"]).startswith(b"%PDF")
print("ok   makes an invoice's PDF")
CHECKS

made=$(buildah from --pull-never "$image")
root=$(buildah mount "$made")
du -sh "$root/opt/stripe-emulator" | sed 's/^\([^\t]*\).*/     the installation in the image: \1/'
IMAGE_USER=$(told user) IMAGE_PATH=$(told path) IMAGE_COMMAND=$(told command) IMAGE_HEALTH=$(told health) IMAGE_SIGNAL=$(told signal) \
    IMAGE_LOG="$work/server.log" IMAGE_CHECKS="$work/checks.py" \
    unshare --mount --net --pid --fork --kill-child sh "$PWD/docker/try-steps.sh" --start "$root"
buildah rm "$made" >/dev/null
echo "The Dockerfile does what it says."
