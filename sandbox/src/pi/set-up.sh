# What is above was filled in for one stack; from here on the script is the same for everybody. Run twice, it changes
# nothing the second time but the keys, which it writes again.

set -eu
umask 022

NAME=porch-doorbell
SETTINGS=/etc/porch/doorbell.toml
# Where `porch-doorbell update` looks for the package to go back to.
SHELF=/var/cache/porch-doorbell

say() {
    printf '%s\n' "$*"
}

fail() {
    printf 'porch: %s\n' "$*" >&2
    exit 1
}

# put FILE MODE: standard input as the content of FILE, which is there as a whole or not at all.
put() {
    (umask 077 && cat >"$1.new")
    chmod "$2" "$1.new"
    mv "$1.new" "$1"
}

DELETE=no
case "${1-}" in
    '') ;;
    --delete) DELETE=yes ;;
    *) fail "unknown argument $1; there is only --delete, which removes this script when all went well" ;;
esac

# ---- The machine -----------------------------------------------------------------------------------------------------

[ "$(id -u)" = 0 ] || fail "this installs a package; run it as root: sudo sh $0"

for program in dpkg systemctl curl openssl base64 sha256sum sed; do
    command -v "$program" >/dev/null || fail "there is no $program here; this needs Debian 12, a Raspberry Pi OS of it, or later"
done

found=$(dpkg --print-architecture)
[ "$found" = "$ARCHITECTURE" ] || fail "this machine is $found, and the stack publishes for $ARCHITECTURE; set it with" \
    "\`pulumi config set --path porch:device.architecture $found\`, run \`pulumi up\`, and make this script anew"

# Before 7.88, curl does not sign all that S3 wants to be signed.
found=$(curl --version | sed -n '1s/^curl \([0-9][0-9]*\)\.\([0-9][0-9]*\).*/\1 \2/p')
major=${found% *} minor=${found#* }
case "$found" in
    *[0-9]' '[0-9]*) ;;
    *) major=0 minor=0 ;;
esac
[ "$major" -gt 7 ] || { [ "$major" -eq 7 ] && [ "$minor" -ge 88 ]; } ||
    fail "curl 7.88 or later is needed, as Debian 12 and the Raspberry Pi OS of it have; here is $(curl --version | sed 1q)"

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# ---- What is published -----------------------------------------------------------------------------------------------

# S3 wants the hash of what is sent, signed like the rest: the hash of nothing.
NOTHING=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855

# fetch KEY FILE BYTES: the object KEY of the bucket, of so many bytes at most. The keys to AWS go to curl's standard
# input, since everybody can see a program's arguments. A plus sign in a path would be a blank to S3.
fetch() {
    printf '%s = "%s"\n' \
        header "x-amz-content-sha256: $NOTHING" \
        user "$ACCESS_KEY_ID:$SECRET_ACCESS_KEY" \
        aws-sigv4 "aws:amz:$REGION:s3" \
        url "$BUCKET_URL/$(printf %s "$1" | sed 's/+/%2B/g')" \
        output "$2" \
        max-filesize "$3" \
        connect-timeout 20 \
        max-time 300 \
        retry 3 |
        curl --config - --fail --silent --show-error --proto '=https,http'
}

say "Looking for the newest package ..."
fetch "$MANIFEST_KEY" "$WORK/latest.json" 16384 ||
    fail "cannot fetch what is published. Is this machine on the internet, and its clock right (\`timedatectl\`)? Are the" \
        "keys the stack's newest? Then make this script anew"

# {"manifest":"{\"version\":\"...\", ...}","signature":"..."}: the signature is of exactly the manifest's bytes.
sed -n 's/^{"manifest":"\(.*\)","signature":"[A-Za-z0-9+/=]*"}$/\1/p' "$WORK/latest.json" |
    sed 's/\\"/"/g' | tr -d '\n' >"$WORK/manifest"
sed -n 's/^{"manifest":".*","signature":"\([A-Za-z0-9+/=]*\)"}$/\1/p' "$WORK/latest.json" |
    base64 -d >"$WORK/signature"
# A public key as openssl reads it: 12 bytes that say Ed25519 (RFC 8410), and then its own 32.
{
    printf '\060\052\060\005\006\003\053\145\160\003\041\000'
    printf %s "$PUBLIC_KEY" | base64 -d
} >"$WORK/key"
openssl pkeyutl -verify -pubin -keyform DER -inkey "$WORK/key" -rawin \
    -in "$WORK/manifest" -sigfile "$WORK/signature" >/dev/null 2>&1 ||
    fail "what is published is not signed with the stack's key; nothing was installed"

# value NAME: what the manifest says; it was signed, so that it is well formed.
value() {
    sed -n 's/^{\(.*,\)\{0,1\}"'"$1"'":"\{0,1\}\([^",}]*\)"\{0,1\}[,}].*$/\2/p' "$WORK/manifest"
}

version=$(value version)
[ "$(value architecture)" = "$ARCHITECTURE" ] || fail "what is published is for $(value architecture)"

installed=$(dpkg-query --show --showformat='${db:Status-Status} ${Version}' "$NAME" 2>/dev/null || true)
package="$SHELF/${NAME}_${version}_$ARCHITECTURE.deb"
install -d -m 0700 "$SHELF"

if [ "$installed" = "installed $version" ] && [ -f "$package" ]; then
    say "$NAME $version is installed already."
    new=no
else
    new=yes
    say "Fetching $NAME $version ..."
    fetch "$(value key)" "$WORK/package.deb" "$(value size)" || fail "cannot fetch the package"
    printf '%s  %s\n' "$(value sha256)" "$WORK/package.deb" | sha256sum --check --strict --quiet >/dev/null 2>&1 ||
        fail "the package that was fetched is not the one that was signed; nothing was installed"
    put "$package" 0600 <"$WORK/package.deb"
fi

# ---- What it is told -------------------------------------------------------------------------------------------------

# Whether the settings are as the package had them, and nobody's.
is_example() {
    sum=$(md5sum "$SETTINGS" | sed 's/ .*//')
    dpkg-query --show --showformat='${Conffiles}\n' "$NAME" 2>/dev/null | grep -q "^ $SETTINGS $sum"
}

install -d -m 0755 /etc/porch
if [ -f "$SETTINGS" ] && ! is_example; then
    say "$SETTINGS is there already, and stays as it is."
else
    settings | put "$SETTINGS" 0644
    say "Wrote $SETTINGS."
fi
printf '%s\n' "$PUBLIC_KEY" | put /etc/porch/package.pub 0644
printf '[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n' "$ACCESS_KEY_ID" "$SECRET_ACCESS_KEY" |
    put /etc/porch/aws 0600
say "Wrote /etc/porch/package.pub and /etc/porch/aws."

# ---- Installing, starting --------------------------------------------------------------------------------------------

if [ "$new" = yes ]; then
    say "Installing $NAME $version ..."
    export DEBIAN_FRONTEND=noninteractive
    # Settings that are there stay, without a question.
    if command -v apt-get >/dev/null; then
        apt-get install --yes --no-install-recommends --allow-downgrades --reinstall \
            -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$package" >"$WORK/log" 2>&1
    else
        dpkg --force-confdef --force-confold --install "$package" >"$WORK/log" 2>&1
    fi || {
        cat "$WORK/log" >&2
        fail "it could not be installed; run this script again when that is put right"
    }
fi

systemctl enable --quiet "$NAME" || fail "it cannot be had to start with the machine"
{ systemctl restart "$NAME" && systemctl is-active --quiet "$NAME"; } ||
    fail "the daemon does not run; \`journalctl -u $NAME\` says why"
say "The daemon runs."

say
if "$NAME" check 2>&1; then
    say
    say "All is well: press the button. \`sudo $NAME update\` brings later versions, and"
    say "\`sudo systemctl enable --now $NAME-update.timer\` has it do so every night."
else
    say
    say "It runs, and will ring when that is put right. \`sudo $NAME check\` looks again."
fi

if [ "$DELETE" = yes ]; then
    rm -f "$0"
else
    say "This script holds a key. Delete it now: rm $0"
fi
