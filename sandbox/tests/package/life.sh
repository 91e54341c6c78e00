#!/bin/sh
# Installs, upgrades, removes and purges the daemon's package with this machine's own dpkg, in a copy of the system that
# is gone when this ends. Run in a mount namespace of its own, with an empty folder, the package and a later one.
set -eu
folder=$1 package=$2 later=$3
system=$folder/system
unit=porch-doorbell.service

fail() {
    echo "$*; asked of systemd so far:" >&2
    cat "$system/asked" >&2
    exit 1
}
# Absolute links are of the copy, so that `test` runs in it.
inside() { chroot "$system" "$@"; }
there() { inside test -e "$1" -o -L "$1" || fail "$1 is not there $2"; }
gone() { ! inside test -e "$1" -o -L "$1" || fail "$1 is there $2"; }
asked() { grep -qx "$1" "$system/asked" || fail "systemd was not asked to: $1, $2"; }
forget() { : >"$system/asked"; }

mount --make-rprivate /
mount -t tmpfs porch "$folder"
mkdir "$folder/written" "$folder/work" "$system"
mount -t overlay -o "lowerdir=/,upperdir=$folder/written,workdir=$folder/work" porch "$system"
mount --rbind /dev "$system/dev"
mount --rbind /proc "$system/proc"
cp "$package" "$system/package.deb"
cp "$later" "$system/later.deb"

# systemd seems to run, and only notes what it is asked; what is about files alone is done.
mkdir -p "$system/run/systemd/system"
forget
for program in systemctl deb-systemd-invoke; do
    mv "$system/usr/bin/$program" "$system/usr/bin/$program.real"
    cat >"$system/usr/bin/$program" <<'EOF'
#!/bin/sh
echo "${0##*/} $*" >>/asked
case "$1" in --root=*) exec "$0.real" "$@" ;; esac
EOF
    chmod 755 "$system/usr/bin/$program"
done
enabled=/etc/systemd/system/multi-user.target.wants/$unit
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

inside dpkg --install /package.deb
inside getent passwd porch-doorbell >/dev/null || fail "there is no user"
inside getent group gpio >/dev/null || fail "there is no group gpio"
there /usr/bin/porch-doorbell "after an installation"
there "$enabled" "after an installation"
asked "deb-systemd-invoke restart $unit" "after an installation"
[ -z "$(inside dpkg --verify porch-doorbell)" ] || fail "dpkg does not find what it installed"
for one in "$unit" porch-doorbell-update.service porch-doorbell-update.timer; do
    inside systemd-analyze verify "/usr/lib/systemd/system/$one" 2>&1 | grep "$one" && fail "the unit $one is not good"
done
gone /etc/systemd/system/timers.target.wants/porch-doorbell-update.timer "though nobody asked for updates"
inside dpkg --install /package.deb
gone /etc/porch/aws "though nobody made it"

# As a person leaves it.
echo '# mine' >>"$system/etc/porch/doorbell.toml"
touch "$system/etc/porch/aws" "$system/etc/porch/secrets"
mkdir -p "$system/var/lib/porch-doorbell" "$system/var/cache/porch-doorbell"
touch "$system/var/lib/porch-doorbell/history"
rm "$system$enabled"

forget
before=$(inside dpkg-query --show --showformat '${Version}' porch-doorbell)
inside dpkg --install /later.deb
after=$(inside dpkg-query --show --showformat '${Version}' porch-doorbell)
dpkg --compare-versions "$after" gt "$before" || fail "$after is not later than $before"
asked "deb-systemd-invoke restart $unit" "after an upgrade"
! grep -q stop "$system/asked" || fail "an upgrade stops the daemon before there is another one"
grep -q '# mine' "$system/etc/porch/doorbell.toml" || fail "an upgrade takes settings away"
gone "$enabled" "after an upgrade, though it was disabled"

forget
inside dpkg --remove porch-doorbell
asked "deb-systemd-invoke stop porch-doorbell-update.timer $unit" "before a removal"
asked "systemctl --system daemon-reload" "after a removal"
gone /usr/bin/porch-doorbell "after a removal"
for kept in /etc/porch/doorbell.toml /etc/porch/aws /var/lib/porch-doorbell/history; do
    there "$kept" "after a removal"
done

inside dpkg --install /later.deb
inside dpkg --purge porch-doorbell
for path in /etc/porch /var/lib/porch-doorbell /var/cache/porch-doorbell /usr/share/doc/porch-doorbell \
    "/usr/lib/systemd/system/$unit" "$enabled"; do
    gone "$path" "after a purge"
done
inside getent passwd porch-doorbell >/dev/null || fail "the user is gone after a purge"
inside dpkg --purge porch-doorbell
